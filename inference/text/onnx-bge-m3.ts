import { join, resolve } from 'node:path';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { SparseVector } from '../../contracts/transcript.ts';
import type { Embedder, SparseEncoder } from '../embedder.ts';
import { buildBgeM3Graph, XLM_ROBERTA_GRAPH_VERSION } from '../graphs/xlm-roberta.ts';
import { ensureGraph } from '../onnx/graph-cache.ts';
import { startEngine } from '../onnx/worker-host.ts';
import { openFolderWeights } from '../weights/huggingface-weights.ts';
import { openTorchZip } from '../weights/torch-zip.ts';
import { toTextBatches } from './text-batches.ts';
import type { TextEngine, TextEngineInit } from './text-engine.ts';
import { openXlmRobertaFolder, type XlmRobertaFolder } from './xlm-roberta-folder.ts';

/** Chunks are shorter; the model could read 8192, in a time that grows with the square. */
const MAX_TOKENS = 512;
/** Each text alone: padding never changes a digit. */
const BATCH_TOKENS = 1;
const SPARSE_HEAD = 'sparse_linear.pt';
/** Readings kept for whoever asks for the other vector of the same text. */
const KEPT_READINGS = 64;

/** Both vectors of a text come out of one reading of it. */
interface Reading {
  dense: Float32Array;
  sparse: SparseVector;
}

/** One model in memory that is both encoders; `close` of either is for who opened it alone. */
export interface BgeM3 {
  embedder: Embedder;
  sparseEncoder: SparseEncoder;
  close: () => Promise<void>;
}

/**
 * The BGE-M3 in a folder on this machine as it is published: an XLM-RoBERTa of Hugging Face's form and `sparse_linear.pt`. Reads all of
 * it, for its hash. Throws `model-missing` or `invalid-input`, with the folder and the cure.
 */
export async function findBgeM3(folder: string): Promise<XlmRobertaFolder> {
  return namingFolder(resolve(folder), (dir) => openXlmRobertaFolder(dir, [SPARSE_HEAD]));
}

/** BGE-M3 (Chen et al. 2024): dense vectors of the first token, sparse ones of a weight a token. Throws `invalid-input` for other weights. */
export async function openBgeM3(folder: XlmRobertaFolder, cacheDir: string, threads: number): Promise<BgeM3> {
  const { model, tokenizer, shape, positions } = folder;
  const id = { model: model.identity.name, revision: model.identity.revision, precision: 'fp32', builder: XLM_ROBERTA_GRAPH_VERSION };
  const graph = await namingFolder(folder.dir, () => ensureGraph(cacheDir, id, (dir) => writeGraph(folder, join(dir, 'bge-m3.onnx'))));
  const init: TextEngineInit = { modelPath: join(graph, 'bge-m3.onnx'), threads };
  const engine = await startEngine<TextEngine>(new URL('text-engine.ts', import.meta.url), init);
  const read = keepReadings(async (text) => {
    const encoded = tokenizer.encode(text, Math.min(MAX_TOKENS, positions));
    const [batch] = toTextBatches([encoded], BATCH_TOKENS);
    const { embeddings, token_weights: weights } = await engine.runAll(batch!);
    return { dense: embeddings!.data, sparse: toSparseVector(encoded.ids, weights!.data, tokenizer.specialIds) };
  });
  const readAll = async <T>(texts: readonly string[], signal: AbortSignal | undefined, pick: (reading: Reading) => T): Promise<T[]> => {
    const picked: T[] = [];
    for (const text of texts) {
      signal?.throwIfAborted();
      picked.push(pick(await read(text)));
    }
    return picked;
  };
  const common = { model: { ...model.identity, precision: 'fp32' }, close: () => engine.close() };
  return {
    embedder: {
      ...common,
      dimensions: shape.width,
      // A copy: the reading is kept, and a vector may be handed over to a thread.
      embed: (texts, signal) => readAll(texts, signal, ({ dense }) => dense.slice()),
    },
    sparseEncoder: { ...common, encode: (texts, signal) => readAll(texts, signal, ({ sparse }) => sparse) },
    close: common.close,
  };
}

async function writeGraph({ dir, shape }: XlmRobertaFolder, path: string): Promise<void> {
  const { tensors } = openFolderWeights(dir);
  try {
    const sparse = openTorchZip(join(dir, SPARSE_HEAD));
    try {
      await buildBgeM3Graph(tensors, sparse, shape).write(path);
    } finally {
      sparse.close();
    }
  } finally {
    tensors.close();
  }
}

/** The largest weight of each token that is text, by ascending id. */
function toSparseVector(ids: readonly number[], weights: Float32Array, specialIds: ReadonlySet<number>): SparseVector {
  const largest = new Map<number, number>();
  for (const [at, id] of ids.entries()) {
    const weight = weights[at] ?? 0;
    if (weight > (largest.get(id) ?? 0) && !specialIds.has(id)) largest.set(id, weight);
  }
  const indices = [...largest.keys()].sort((a, b) => a - b);
  return { indices, values: indices.map((index) => largest.get(index)!) };
}

/** The last texts are read once, whoever asks for them, at once or one after the other. */
function keepReadings(read: (text: string) => Promise<Reading>): (text: string) => Promise<Reading> {
  const kept = new Map<string, Promise<Reading>>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const reading = read(text);
    kept.set(text, reading);
    reading.catch(() => kept.delete(text));
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_READINGS) break;
      kept.delete(oldest);
    }
    return reading;
  };
}

async function namingFolder<T>(dir: string, work: (dir: string) => Promise<T>): Promise<T> {
  try {
    return await work(dir);
  } catch (error) {
    const { kind, message } = toLecternError(error);
    throw new LecternError(kind, `the embedder in ${dir} cannot be used: ${message}`, {
      cure: `Let LECTERN_EMBEDDER name a folder that holds BGE-M3 as it is published (weights, config.json, tokenizer.json, ${SPARSE_HEAD}), or unset it.`,
      cause: error,
    });
  }
}
