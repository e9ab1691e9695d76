import { basename } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { logInference } from './inference-log.ts';
import { addressOf, ortLibrary, type Pointer } from './ort-library.ts';
import { toSessionError } from './session-errors.ts';

/** A tensor as it lies in memory, row-major: what an operator reads, or where it writes. */
export interface TensorView {
  data: Float32Array | Int8Array | BigInt64Array;
  dims: readonly number[];
}

export interface SharedSessionOptions {
  /** Threads of a run: the one it is called on, and the others from a pool that all runs share. 1 or more. */
  threads: number;
}

/** A model that is loaded once and may be run by several threads of this process at the same time; a number, so that messages carry it. */
export type SharedSession = Pointer;

const ERRORS_ONLY = 3;
const ALL_OPTIMIZATIONS = 99;
const ELEMENT_TYPES = { float32: 1, int8: 3, int64: 7 };
const DEVICE_ALLOCATOR = 0;
const DEFAULT_MEMORY = 0;
const NONE = 0n;

/**
 * Loads a model for the CPU in the background. `onnxruntime-node` keeps a copy of the weights for each thread, and copies whatever it was
 * given room for: this goes to the library below it. The session lives until `releaseSession`. Throws `model-missing`, `unavailable`
 * or `internal`.
 */
export async function openSharedSession(modelPath: string, { threads }: SharedSessionOptions): Promise<SharedSession> {
  const startedAt = performance.now();
  const ort = ortLibrary();
  const env = take((out) => ort.createEnv(ERRORS_ONLY, 'lectern', out));
  const options = take((out) => ort.createSessionOptions(out));
  try {
    // See `open-session.ts` for why there is no pool of memory.
    check(ort.disableMemPattern(options));
    check(ort.disableCpuMemArena(options));
    check(ort.setGraphOptimizationLevel(options, ALL_OPTIMIZATIONS));
    check(ort.setIntraOpNumThreads(options, threads));
    check(ort.addSessionConfigEntry(options, 'session.intra_op.allow_spinning', '0'));
    const out = new BigUint64Array(1);
    check(await ort.createSession(env, modelPath, options, out));
    logInference('model loaded', {
      model: basename(modelPath),
      provider: 'cpu',
      threads,
      milliseconds: Math.round(performance.now() - startedAt),
    });
    return out[0]!;
  } catch (error) {
    throw toSessionError(error, modelPath, 'cpu');
  } finally {
    ort.releaseSessionOptions(options);
  }
}

/** Gives its memory back. No thread may run it any more. */
export function releaseSession(session: SharedSession): void {
  ortLibrary().releaseSession(session);
}

/**
 * Runs a session on this thread and blocks it. Every output is given its place, which holds it afterwards: nothing is allocated
 * and nothing copied. One place may serve an input and an output where an operator works in place. Throws `internal`.
 */
export class SessionRunner {
  readonly #session: SharedSession;
  /** Names as C reads them, with where they lie. */
  readonly #names = new Map<string, { bytes: Uint8Array; address: Pointer }>();

  constructor(session: SharedSession) {
    this.#session = session;
  }

  run(inputs: Readonly<Record<string, TensorView>>, outputs: Readonly<Record<string, TensorView>>): void {
    const ort = ortLibrary();
    const views = [...Object.values(inputs), ...Object.values(outputs)];
    const names = this.#addressesOf([...Object.keys(inputs), ...Object.keys(outputs)]);
    const given = views.length - Object.keys(outputs).length;
    const values = new BigUint64Array(views.length);
    try {
      for (const [index, view] of views.entries()) values[index] = toValue(view);
      const read = [names.subarray(0, given), values.subarray(0, given), given] as const;
      check(ort.run(this.#session, NONE, ...read, names.subarray(given), views.length - given, values.subarray(given)));
    } finally {
      for (const value of values) ort.releaseValue(value);
    }
  }

  #addressesOf(names: readonly string[]): BigUint64Array {
    return BigUint64Array.from(names, (name) => {
      const known = this.#names.get(name);
      if (known !== undefined) return known.address;
      const bytes = new TextEncoder().encode(`${name}\0`);
      const address = addressOf(bytes);
      // The bytes are held for as long as their address is used.
      this.#names.set(name, { bytes, address });
      return address;
    });
  }
}

function toValue({ data, dims }: TensorView): Pointer {
  const shape = BigInt64Array.from(dims, BigInt);
  return take((out) => ortLibrary().createTensorWithData(cpuMemory(), data, data.byteLength, shape, dims.length, elementType(data), out));
}

function elementType(data: TensorView['data']): number {
  if (data instanceof Float32Array) return ELEMENT_TYPES.float32;
  return data instanceof Int8Array ? ELEMENT_TYPES.int8 : ELEMENT_TYPES.int64;
}

let memory: Pointer = NONE;

function cpuMemory(): Pointer {
  if (memory === NONE) memory = take((out) => ortLibrary().createCpuMemoryInfo(DEVICE_ALLOCATOR, DEFAULT_MEMORY, out));
  return memory;
}

/** The handle that a call leaves behind. */
function take(create: (out: BigUint64Array) => Pointer | null): Pointer {
  const out = new BigUint64Array(1);
  check(create(out));
  return out[0]!;
}

function check(failure: Pointer | null): void {
  if (failure === null) return;
  const ort = ortLibrary();
  const message = ort.getErrorMessage(failure);
  ort.releaseStatus(failure);
  throw new LecternError('internal', `onnxruntime: ${message}`);
}
