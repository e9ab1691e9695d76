import { damaged, FRAME_BYTES, SEALED_FRAME_BYTES, type FrameCipher } from './sealed-frames.ts';

/** Seals a body of unknown length; holds one frame. The frames of a chunk come as one piece, and the last one always comes. */
export async function* sealStream(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, cipher: FrameCipher): AsyncGenerator<Uint8Array> {
  let index = 0;
  const cutter = createCutter(FRAME_BYTES);
  for await (const chunk of body) {
    const sealed = cutter.push(chunk).flatMap((frame) => cipher.seal(index++, false, frame));
    if (sealed.length > 0) yield Buffer.concat(sealed);
  }
  yield Buffer.concat(cipher.seal(index, true, cutter.rest()));
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

/**
 * Cuts what comes in any pieces into pieces of `size`; what is left at the end is shorter. A piece is good until the next `push`: two
 * buffers take turns, for the network gives small chunks and a frame is put together of several.
 */
function createCutter(size: number): { push(chunk: Uint8Array): Uint8Array[]; rest(): Uint8Array } {
  let [filling, given] = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)];
  let filled = 0;
  return {
    push(chunk) {
      const whole: Uint8Array[] = [];
      for (let at = 0; at < chunk.length;) {
        if (filled === 0 && chunk.length - at >= size) {
          whole.push(chunk.subarray(at, at + size));
          at += size;
          continue;
        }
        const part = chunk.subarray(at, at + size - filled);
        filling.set(part, filled);
        at += part.length;
        filled += part.length;
        if (filled < size) break;
        whole.push(filling);
        [filling, given] = [given, filling];
        filled = 0;
      }
      return whole;
    },
    rest: () => filling.subarray(0, filled),
  };
}
