import { LecternError } from '../contracts/errors.ts';
import type { ObjectStore } from './object-store.ts';

/** Random access to decoded audio; the `PcmSource` of `inference/`. */
export interface PcmObjectSource {
  /** Mono, at 16,000 Hz. */
  readonly totalSamples: number;
  /** Samples `[startSample, startSample + count)`, clipped at both ends; values in -1..1. */
  read(startSample: number, count: number): Promise<Float32Array>;
}

const BYTES_PER_SAMPLE = 2;
/** 16 s of audio: half a window of the transcriber, so that its next window is half there already. */
const BLOCK_SAMPLES = 2 ** 18;
/** Readers go forward with overlaps: a few blocks (2 MB) serve them all. */
const BLOCKS_HELD = 4;

/** Opens raw s16le audio at `key` for reading by ranges; memory does not grow with the recording. Errors: `not-found`. */
export async function openPcmObject(objects: ObjectStore, key: string): Promise<PcmObjectSource> {
  const info = await objects.head(key);
  if (info === undefined) throw new LecternError('not-found', `there is no audio ${key}`);
  const totalSamples = Math.floor(info.bytes / BYTES_PER_SAMPLE);
  const blocks = new Map<number, Promise<Int16Array>>();

  function block(index: number): Promise<Int16Array> {
    const held = blocks.get(index);
    // Inserted anew, so that the first of the map is the one longest unused.
    blocks.delete(index);
    const wanted = held ?? readBlock(objects, key, index, totalSamples);
    blocks.set(index, wanted);
    if (held === undefined) wanted.catch(() => blocks.delete(index));
    const oldest = blocks.keys().next();
    if (blocks.size > BLOCKS_HELD && oldest.done !== true) blocks.delete(oldest.value);
    return wanted;
  }

  return {
    totalSamples,
    async read(startSample, count) {
      const start = Math.min(Math.max(0, startSample), totalSamples);
      const end = Math.min(Math.max(start, startSample + count), totalSamples);
      const samples = new Float32Array(end - start);
      for (let at = start; at < end;) {
        const index = Math.floor(at / BLOCK_SAMPLES);
        const from = at - index * BLOCK_SAMPLES;
        const part = (await block(index)).subarray(from, from + end - at);
        for (let i = 0; i < part.length; i += 1) samples[at - start + i] = (part[i] ?? 0) / 32_768;
        at += part.length;
      }
      return samples;
    },
  };
}

async function readBlock(objects: ObjectStore, key: string, index: number, totalSamples: number): Promise<Int16Array> {
  const start = index * BLOCK_SAMPLES;
  const samples = new Int16Array(Math.min(BLOCK_SAMPLES, totalSamples - start));
  const bytes = new Uint8Array(samples.buffer);
  const range = { start: start * BYTES_PER_SAMPLE, end: start * BYTES_PER_SAMPLE + bytes.length };
  let filled = 0;
  for await (const chunk of await objects.stream(key, range)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < bytes.length) throw new LecternError('unavailable', `audio ${key} became shorter while being read`);
  return samples;
}
