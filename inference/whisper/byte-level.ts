/**
 * GPT-2's byte alphabet: printable Latin-1 stands for itself, every other byte for a letter from U+0100 on. Vocabulary entries are
 * spelled in it, because a token may end in the middle of a character.
 */
function createByteOfLetter(): Map<string, number> {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  const byteOfLetter = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    byteOfLetter.set(String.fromCharCode(isPrintable(byte) ? byte : next++), byte);
  }
  return byteOfLetter;
}

const BYTE_OF_LETTER = createByteOfLetter();
const LETTER_OF_BYTE = new Map([...BYTE_OF_LETTER].map(([letter, byte]) => [byte, letter]));

/** How a vocabulary spells these bytes. */
export function toLetters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => LETTER_OF_BYTE.get(byte)!).join('');
}

/** The bytes that a vocabulary entry stands for; letters outside the alphabet stand for their own UTF-8. */
export function toTokenBytes(entry: string): Uint8Array {
  const bytes: number[] = [];
  for (const letter of entry) {
    const byte = BYTE_OF_LETTER.get(letter);
    if (byte === undefined) bytes.push(...new TextEncoder().encode(letter));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Bytes still missing from the last character of `bytes`: 0 when it is whole, or broken beyond repair. */
export function missingBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return Math.max(0, length - back);
    }
  }
  return 0;
}

export function isContinuationByte(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}
