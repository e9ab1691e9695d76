import type { PickleValue } from './pickle-value.ts';

/** What the names, calls and references of a pickle mean; each function refuses by throwing. */
export interface PickleMeaning {
  findGlobal(name: string): PickleValue;
  call(callee: PickleValue, args: PickleValue): PickleValue;
  build(target: PickleValue): void;
  persistentLoad(id: PickleValue): PickleValue;
}

const MARK = Symbol('mark');
type StackValue = PickleValue | typeof MARK;

const PROTOCOL = 2;
const STOP = 0x2e;

/** A stack machine for the pickle opcodes of protocol 2 that torch writes, and for no others. */
export class PickleReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #meaning: PickleMeaning;
  readonly #refuse: (what: string) => Error;
  readonly #stack: StackValue[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at = 0;

  constructor(bytes: Uint8Array, meaning: PickleMeaning, refuse: (what: string) => Error) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#meaning = meaning;
    this.#refuse = refuse;
  }

  read(): PickleValue {
    for (;;) {
      const code = this.#view.getUint8(this.#take(1));
      if (code === STOP) return this.#pop();
      const step = STEPS[code];
      if (step === undefined) throw this.#refuse(`uses the opcode 0x${code.toString(16)}, which is not allowed`);
      step(this);
    }
  }

  protocol(): void {
    const version = this.uint8();
    if (version !== PROTOCOL) throw this.#refuse(`is of protocol ${version}, not ${PROTOCOL}`);
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }
  /** The one big-endian number of the format. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }
  /** LONG1: little-endian two's complement of up to 255 bytes; torch writes sizes above 2^31 this way. */
  long1(): bigint {
    const length = this.uint8();
    const start = this.#take(length);
    let value = 0n;
    for (let index = length - 1; index >= 0; index--) value = (value << 8n) | BigInt(this.#view.getUint8(start + index));
    return BigInt.asIntN(length * 8, value);
  }
  text(length: number): string {
    const start = this.#take(length);
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, length).toString('utf8');
  }
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#refuse('ends inside a name');
    const text = this.text(end - this.#at);
    this.#at++;
    return text;
  }

  push(value: StackValue): void {
    this.#stack.push(value);
  }
  pushMark(): void {
    this.#stack.push(MARK);
  }
  pushTuple(length: number): void {
    const values: PickleValue[] = [];
    for (let index = 0; index < length; index++) values.unshift(this.#pop());
    this.#stack.push(values);
  }
  pushGlobal(): void {
    const module = this.line();
    this.#stack.push(this.#meaning.findGlobal(`${module} ${this.line()}`));
  }
  pushPersistent(): void {
    this.#stack.push(this.#meaning.persistentLoad(this.#pop()));
  }
  reduce(): void {
    const args = this.#pop();
    this.#stack.push(this.#meaning.call(this.#pop(), args));
  }
  build(): void {
    this.#pop();
    this.#meaning.build(this.#top());
  }
  tupleFromMark(): void {
    this.#stack.push(this.marked());
  }
  append(values: PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#refuse('appends to something that is not a list');
    for (const value of values) list.push(value);
  }
  setItems(values: PickleValue[]): void {
    const map = this.#top();
    if (!(map instanceof Map) || values.length % 2 !== 0) throw this.#refuse('sets items of something that is not a map');
    for (let index = 0; index < values.length; index += 2) map.set(values[index] ?? null, values[index + 1] ?? null);
  }
  one(): PickleValue[] {
    return [this.#pop()];
  }
  two(): PickleValue[] {
    const value = this.#pop();
    return [this.#pop(), value];
  }
  marked(): PickleValue[] {
    const values: PickleValue[] = [];
    for (;;) {
      const value = this.#stack.pop();
      if (value === undefined) throw this.#refuse('takes from an empty stack');
      if (value === MARK) return values.toReversed();
      values.push(value);
    }
  }
  remember(slot: number): void {
    this.#memo.set(slot, this.#top());
  }
  recall(slot: number): void {
    const value = this.#memo.get(slot);
    if (value === undefined) throw this.#refuse(`recalls slot ${slot}, which is empty`);
    this.#stack.push(value);
  }

  #take(count: number): number {
    const start = this.#at;
    if (start + count > this.#bytes.length) throw this.#refuse('ends too early');
    this.#at = start + count;
    return start;
  }
  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#refuse('takes from an empty stack');
    return value;
  }
  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) throw this.#refuse('looks at an empty stack');
    return value;
  }
}

/** Opcode to its meaning, by the names of Python's `pickletools`. */
const STEPS: Record<number, (reader: PickleReader) => void> = {
  0x80: (r) => r.protocol(), // PROTO
  0x28: (r) => r.pushMark(), // MARK
  0x7d: (r) => r.push(new Map()), // EMPTY_DICT
  0x5d: (r) => r.push([]), // EMPTY_LIST
  0x29: (r) => r.push([]), // EMPTY_TUPLE
  0x74: (r) => r.tupleFromMark(), // TUPLE
  0x85: (r) => r.pushTuple(1),
  0x86: (r) => r.pushTuple(2),
  0x87: (r) => r.pushTuple(3),
  0x4e: (r) => r.push(null), // NONE
  0x88: (r) => r.push(true), // NEWTRUE
  0x89: (r) => r.push(false), // NEWFALSE
  0x4b: (r) => r.push(r.uint8()), // BININT1
  0x4d: (r) => r.push(r.uint16()), // BININT2
  0x4a: (r) => r.push(r.int32()), // BININT
  0x8a: (r) => r.push(r.long1()), // LONG1
  0x47: (r) => r.push(r.float64()), // BINFLOAT
  0x58: (r) => r.push(r.text(r.uint32())), // BINUNICODE
  0x63: (r) => r.pushGlobal(), // GLOBAL
  0x51: (r) => r.pushPersistent(), // BINPERSID
  0x52: (r) => r.reduce(), // REDUCE
  0x81: (r) => r.reduce(), // NEWOBJ: a call without __init__, the same to us
  0x62: (r) => r.build(), // BUILD
  0x61: (r) => r.append(r.one()), // APPEND
  0x65: (r) => r.append(r.marked()), // APPENDS
  0x73: (r) => r.setItems(r.two()), // SETITEM
  0x75: (r) => r.setItems(r.marked()), // SETITEMS
  0x71: (r) => r.remember(r.uint8()), // BINPUT
  0x72: (r) => r.remember(r.uint32()), // LONG_BINPUT
  0x68: (r) => r.recall(r.uint8()), // BINGET
  0x6a: (r) => r.recall(r.uint32()), // LONG_BINGET
};
