import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SparseVector } from '../../contracts/transcript.ts';
import type { Embedder, SparseEncoder } from '../../inference/embedder.ts';
import type { ModelIdentity } from '../../inference/model-identity.ts';

/** Texts between two lines of progress, and between two writes to the disk. */
const BATCH = 32;

interface KeptLine {
  key: string;
  value: string;
}

/** Vectors kept on disk by model and text, so that a second evaluation starts at once. Several evaluations may share a folder. */
export async function withKeptVectors<Encoder extends Embedder>(
  embedder: Encoder,
  folder: string,
  note: (line: string) => void,
): Promise<Encoder> {
  const keep = await openKept(folder, embedder.model, note);
  return {
    ...embedder,
    embed: async (texts, signal) =>
      (await keep(texts, async (missing) => (await embedder.embed(missing, signal)).map(encodeFloats))).map(decodeFloats),
  };
}

/** As `withKeptVectors`, for learned sparse vectors. */
export async function withKeptWeights(encoder: SparseEncoder, folder: string, note: (line: string) => void): Promise<SparseEncoder> {
  const keep = await openKept(folder, encoder.model, note);
  return {
    ...encoder,
    encode: async (texts, signal) =>
      (await keep(texts, async (missing) => (await encoder.encode(missing, signal)).map((vector) => JSON.stringify(vector)))).map(
        (json) => JSON.parse(json) as SparseVector,
      ),
  };
}

type Keep = (texts: readonly string[], encode: (missing: readonly string[]) => Promise<string[]>) => Promise<string[]>;

/** One file a model: a line a text, appended a batch at a time, so that a run that is stopped loses a batch at most. */
async function openKept(folder: string, model: ModelIdentity, note: (line: string) => void): Promise<Keep> {
  const path = join(folder, `${model.name}-${model.revision.slice(0, 12)}-${model.precision}.jsonl`);
  await mkdir(dirname(path), { recursive: true });
  const known = await readKept(path);
  return async (texts, encode) => {
    const keys = texts.map((text) => createHash('sha256').update(text).digest('base64url').slice(0, 27));
    const missing = [...new Map(keys.map((key, index) => [key, texts[index]!])).entries()].filter(([key]) => !known.has(key));
    for (let start = 0; start < missing.length; start += BATCH) {
      const batch = missing.slice(start, start + BATCH);
      const values = await encode(batch.map(([, text]) => text));
      for (const [index, [key]] of batch.entries()) known.set(key, values[index]!);
      await appendFile(
        path,
        batch.map(([key], index) => `${JSON.stringify({ key, value: values[index]! } satisfies KeptLine)}\n`).join(''),
      );
      if (missing.length > BATCH) note(`${model.name}: ${Math.min(start + BATCH, missing.length)} of ${missing.length} texts`);
    }
    return keys.map((key) => known.get(key)!);
  };
}

async function readKept(path: string): Promise<Map<string, string>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const kept = new Map<string, string>();
  for (const line of text.split('\n')) {
    try {
      const { key, value } = JSON.parse(line) as KeptLine;
      kept.set(key, value);
    } catch {
      // The last line of a run that was stopped, or the end: the text is encoded again.
    }
  }
  return kept;
}

function encodeFloats(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

function decodeFloats(text: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
}
