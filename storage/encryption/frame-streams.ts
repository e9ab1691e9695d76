import { damaged, FRAME_BYTES, SEALED_FRAME_BYTES, type FrameCipher } from './sealed-frames.ts';

/** Seals a body of unknown length; holds one frame. The frames of a chunk come as one piece, and the last one always comes. */
export async function* sealStream(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, cipher: FrameCipher): AsyncGenerator<Uint8Array> {
  let index = 0;
  const cutter = createCutter(FRAME_BYTES);
  for await (const chunk of body) {
    const sealed = cutter.push(chunk).map((frame) => cipher.seal(index++, false, frame));
    if (sealed.length > 0) yield Buffer.concat(sealed);
  }
  yield cipher.seal(index, true, cutter.rest());
}

/**
 * Opens frames from number `first` on, until the last one of the object or `count` of them. Errors: `internal` where one does not
 * open, or where the source ends before either.
 */
export async function* openStream(
  objectKey: string,
  source: AsyncIterable<Uint8Array>,
  cipher: FrameCipher,
  { first, count }: { first: number; count: number },
): AsyncGenerator<Uint8Array> {
  let index = first;
  const cutter = createCutter(SEALED_FRAME_BYTES);
  for await (const chunk of source) {
    for (const frame of cutter.push(chunk)) yield cipher.open(index++, false, frame);
  }
  const last = cutter.rest();
  if (last.length > 0) yield cipher.open(index, true, last);
  else if (index - first < count) throw damaged(objectKey);
}

/** Leaves out `skip` bytes and gives at most `limit` after them. */
export async function* sliceStream(
  source: AsyncIterable<Uint8Array>,
  { skip, limit }: { skip: number; limit: number },
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of source) {
    const wanted = chunk.subarray(Math.max(0, skip - at), Math.max(0, skip + limit - at));
    at += chunk.length;
    if (wanted.length > 0) yield wanted;
  }
}

/** Cuts what comes in any pieces into pieces of `size`; what is left at the end is shorter. */
function createCutter(size: number): { push(chunk: Uint8Array): Uint8Array[]; rest(): Uint8Array } {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  return {
    push(chunk) {
      const whole: Uint8Array[] = [];
      let rest = chunk;
      while (heldBytes + rest.length >= size) {
        const part = rest.subarray(0, size - heldBytes);
        whole.push(heldBytes === 0 ? part : Buffer.concat([...held, part]));
        rest = rest.subarray(part.length);
        held = [];
        heldBytes = 0;
      }
      // A copy: the producer may use its buffer again.
      if (rest.length > 0) held.push(Buffer.from(rest));
      heldBytes += rest.length;
      return whole;
    },
    rest: () => Buffer.concat(held),
  };
}
