import { randomBytes } from 'node:crypto';
import type { ObjectStore } from '../../storage/object-store.ts';

export function bytes(body: string): Uint8Array {
  return Buffer.from(body);
}

export function text(body: Uint8Array): string {
  return Buffer.from(body).toString();
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

export async function* unevenChunks(total: number, onChunk?: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  const noise = randomBytes(1_000_003);
  for (let done = 0, turn = 1; done < total; turn += 1) {
    const chunk = noise.subarray(0, Math.min(((turn * 377_011) % 1_000_003) + 1, total - done));
    done += chunk.length;
    onChunk?.(chunk);
    yield chunk;
  }
}

export async function* failingAfter(total: number): AsyncGenerator<Uint8Array> {
  yield* unevenChunks(total);
  throw new Error('the client hung up');
}

export async function* gated(gate: Promise<void>): AsyncGenerator<Uint8Array> {
  yield bytes('new, ');
  await gate;
  yield bytes('all of it');
}
