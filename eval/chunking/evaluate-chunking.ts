import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { openEmbedder } from '../../inference/text/onnx-embedder.ts';
import { openSparseEncoder } from '../../inference/text/onnx-sparse-encoder.ts';
import { openTokenizer } from '../../inference/text/tokenizer.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import { pairedRandomisation, type PairedDifference } from '../metrics/paired-randomisation.ts';
import { withKeptVectors, withKeptWeights } from '../retrieval/embedding-cache.ts';
import { measureSystem, SEARCHES, type ChunkingSystem, type MeasureDeps, type SystemScores } from './measure-system.ts';
import { readMeetings, type Meeting } from './meetings.ts';
import { SPAN_METRICS, type SpanScores } from './span-metrics.ts';
import { BASELINE, createChunkingSystems, SHIPPED } from './systems.ts';

export interface ChunkingOptions {
  config: Config;
  note: (line: string) => void;
  /** Only meetings whose name begins with one of these. */
  meetings: readonly string[];
  /** Only these systems beside the baseline; all when empty. */
  only: readonly string[];
}

type MeansBySearch = Record<(typeof SEARCHES)[number], SpanScores>;

interface SystemResult {
  about: string;
  passages: number;
  meanWords: number;
  within: MeansBySearch;
  across: MeansBySearch;
  /** Its fused search less the baseline's, each in the question's own meeting, and how likely chance alone makes as much. */
  againstBaseline: Record<keyof SpanScores, PairedDifference> | null;
}

export interface ChunkingEvaluation {
  dataset: 'qmsum';
  meetings: number;
  questions: number;
  baseline: string;
  shipped: string;
  systems: Record<string, SystemResult>;
}

/** Ways of cutting and situating side by side, judged by the words that answer, in one run over one index implementation. */
export async function evaluateChunking(folder: string, options: ChunkingOptions): Promise<ChunkingEvaluation> {
  const { config, note, meetings: names, only } = options;
  const meetings = (await readMeetings(folder)).filter(({ name }) => names.length === 0 || names.some((begin) => name.startsWith(begin)));
  if (meetings.length === 0) throw new LecternError('invalid-input', `no meeting of ${folder} is called ${names.join(' or ')}`);
  const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: note });
  const splade = await store.ensure('splade-tiny');
  const threads = config.LECTERN_THREADS ?? availableParallelism();
  const dense = await openEmbedder({ model: await store.ensure('minilm-l6-int8'), tokenizer: splade, threads });
  const sparse = await openSparseEncoder({ model: splade, cacheDir: config.LECTERN_CACHE, threads });
  try {
    const kept = join(config.LECTERN_CACHE, 'eval', 'vectors');
    const encoders = {
      embedder: await withKeptVectors(dense, kept, note),
      sparseEncoder: await withKeptWeights(sparse, kept, note),
    };
    const systems = createChunkingSystems(await openTokenizer(splade)).filter(
      ({ name }) => only.length === 0 || name === BASELINE || only.includes(name),
    );
    const scores = new Map<string, SystemScores>();
    for (const system of systems) {
      scores.set(system.name, await measureAlone(system, meetings, encoders));
      note(describe(system.name, scores.get(system.name)!));
    }
    const baseline = scores.get(BASELINE)!;
    return {
      dataset: 'qmsum',
      meetings: meetings.length,
      questions: baseline.within.shipped.length,
      baseline: BASELINE,
      shipped: SHIPPED,
      systems: Object.fromEntries(
        systems.map(({ name, about }) => [name, toResult(about, scores.get(name)!, name === BASELINE ? null : baseline)]),
      ),
    };
  } finally {
    await Promise.all([dense.close(), sparse.close()]);
  }
}

async function measureAlone(
  system: ChunkingSystem,
  meetings: readonly Meeting[],
  encoders: Omit<MeasureDeps, 'index'>,
): Promise<SystemScores> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-chunking-'));
  const index = await openSqliteVectorIndex({ path: join(folder, 'index.db') });
  try {
    return await measureSystem(system, meetings, { ...encoders, index });
  } finally {
    await index.close();
    await rm(folder, { recursive: true });
  }
}

function toResult(about: string, scores: SystemScores, baseline: SystemScores | null): SystemResult {
  const means = (bySearch: SystemScores['within']): MeansBySearch =>
    Object.fromEntries(SEARCHES.map((search) => [search, meanScores(bySearch[search])])) as MeansBySearch;
  const differences = baseline && SPAN_METRICS.map((metric) => [metric, compare(scores, baseline, metric)] as const);
  return {
    about,
    passages: scores.chunks,
    meanWords: scores.words / Math.max(1, scores.chunks),
    within: means(scores.within),
    across: means(scores.across),
    againstBaseline: differences && (Object.fromEntries(differences) as Record<keyof SpanScores, PairedDifference>),
  };
}

function compare(ours: SystemScores, theirs: SystemScores, metric: keyof SpanScores): PairedDifference {
  const of = ({ within }: SystemScores): number[] => within.shipped.map((one) => one[metric]);
  return pairedRandomisation(of(ours), of(theirs));
}

function meanScores(scores: readonly SpanScores[]): SpanScores {
  const mean = (metric: keyof SpanScores): number => scores.reduce((sum, one) => sum + one[metric], 0) / Math.max(1, scores.length);
  return Object.fromEntries(SPAN_METRICS.map((metric) => [metric, mean(metric)])) as unknown as SpanScores;
}

function describe(name: string, { chunks, within, across }: SystemScores): string {
  const show = (scores: SpanScores): string => SPAN_METRICS.map((metric) => `${metric} ${scores[metric].toFixed(3)}`).join(', ');
  return `${name}: ${chunks} passages; within: ${show(meanScores(within.shipped))}; across: ${show(meanScores(across.shipped))}`;
}
