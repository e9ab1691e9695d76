import { mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilHealthy } from '../../cli/embedded/until-healthy.ts';
import { frugalMalloc } from '../../cli/embedded/frugal-malloc.ts';
import { takePort } from '../../cli/embedded/free-port.ts';
import { supervise } from '../../cli/embedded/supervised-process.ts';
import { parseConfig, type Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { QueryResponseSchema } from '../../contracts/query.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { createApiKeyStore } from '../../storage/api-keys.ts';
import { openObjectStore } from '../../storage/open-object-store.ts';
import { readProcessTree } from '../ingest/process-tree.ts';
import { seededRandom } from '../metrics/seeded-random.ts';
import { WITHOUT_LIMITS } from '../without-limits.ts';
import { fire, type LoadFigures } from './fire.ts';
import { readProcessorMs } from './processor-time.ts';
import { openSyntheticIndexes, SYNTHETIC_TENANT } from './synthetic-index.ts';
import { readCommonWords, SyntheticText } from './synthetic-text.ts';

const ROOT = join(import.meta.dirname, '../..');
const HEALTHY_WITHIN_MS = 120_000;
const CONNECTIONS = 8;
const WARM_UP = 40;

interface ProcessorTime {
  /** Of the API, on all cores together: what a query costs, whatever else runs. */
  processorMsPerQuery: number;
}

export interface LoadOfSize {
  chunks: number;
  indexBytes: number;
  /** Resident memory of the API with its encoders and this index, after the load. */
  apiBytes: number;
  /** Median milliseconds of each step of a search, as the API tells it. */
  stepsMs: Record<string, number>;
  /** One question at a time, all different. */
  alone: LoadFigures & ProcessorTime;
  /** Eight at a time, all different. */
  together: LoadFigures & ProcessorTime;
  /** Eight at a time, of 20 that were asked before: results come from the cache. */
  repeated: LoadFigures & ProcessorTime;
}

export interface QueryLoad {
  cores: number;
  /** Processes that wanted a core, on average over the last minute: before, and after. Above `cores` other work was in the way. */
  loadAverage: [number, number];
  /** `LECTERN_RERANKER`. */
  reranker: string;
  sizes: LoadOfSize[];
}

interface LoadOptions {
  sizes: readonly number[];
  /** Questions of each measurement. */
  questions: number;
  environment: NodeJS.ProcessEnv;
  note: (line: string) => void;
}

/** Time and throughput of warm hybrid queries against the real API, on synthetic indexes of several sizes. */
export async function measureQueryLoad({ sizes, questions, environment, note }: LoadOptions): Promise<QueryLoad> {
  const config = parseConfig(environment);
  const before = loadavg()[0] ?? 0;
  const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: note });
  const text = new SyntheticText(await readCommonWords(await store.ensure('splade-tiny')));
  const indexes = openSyntheticIndexes({ config, store, text, note });
  const measured: LoadOfSize[] = [];
  for (const chunks of sizes) {
    measured.push(await measureSize(await indexes.ensure(chunks), { chunks, questions, text, config, environment, note }));
  }

  return { cores: availableParallelism(), loadAverage: [before, loadavg()[0] ?? 0], reranker: config.LECTERN_RERANKER, sizes: measured };
}

interface SizeOptions extends Omit<LoadOptions, 'sizes'> {
  chunks: number;
  text: SyntheticText;
  config: Config;
}

async function measureSize(indexPath: string, options: SizeOptions): Promise<LoadOfSize> {
  const { chunks, questions, text, config, environment, note } = options;
  const folder = await mkdtemp(join(tmpdir(), 'lectern-query-load-'));
  await symlink(indexPath, join(folder, 'index.sqlite'));
  const port = await takePort('127.0.0.1', 0, 'LECTERN_PORT');
  const target = { apiUrl: `http://127.0.0.1:${port}`, apiKey: await makeApiKey(config, folder) };
  const api = supervise({
    name: 'api',
    command: process.execPath,
    args: [join(ROOT, 'api/main.ts')],
    env: {
      ...frugalMalloc('api'),
      ...environment,
      ...WITHOUT_LIMITS,
      LECTERN_DATA: folder,
      LECTERN_PORT: String(port),
      LECTERN_LOG: 'warn',
    },
    logFile: join(folder, 'api.log'),
  });
  try {
    await untilHealthy(api, async () => void (await fetch(`${target.apiUrl}/health/live`)), HEALTHY_WITHIN_MS);
    const ask = makeQuestions(text, chunks);
    note(`${chunks} chunks: warming up`);
    await fire(target, ask(WARM_UP), 1);
    const stepsMs = await readSteps(target, ask(WARM_UP));
    note(`${chunks} chunks: ${questions} questions one by one, then ${CONNECTIONS} at a time`);
    const measure = async (asked: string[], connections: number): Promise<LoadFigures & ProcessorTime> => {
      const used = await readProcessorMs(api.pid);
      const figures = await fire(target, asked, connections);
      return { ...figures, processorMsPerQuery: Math.round((10 * ((await readProcessorMs(api.pid)) - used)) / asked.length) / 10 };
    };
    const alone = await measure(ask(questions), 1);
    const together = await measure(ask(questions), CONNECTIONS);
    const known = ask(20);
    await fire(target, known, 1);
    const repeated = await measure(
      Array.from({ length: questions }, (_, at) => known[at % known.length]!),
      CONNECTIONS,
    );
    const apiBytes = (await readProcessTree(api.pid)).reduce((sum, { rssBytes }) => sum + rssBytes, 0);
    return { chunks, indexBytes: (await stat(indexPath)).size, apiBytes, stepsMs, alone, together, repeated };
  } finally {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeApiKey(config: Config, folder: string): Promise<string> {
  const objects = await openObjectStore({ ...config, LECTERN_DATA: folder });
  try {
    return (await createApiKeyStore(objects).create(SYNTHETIC_TENANT, { name: 'query load', role: 'admin' })).key;
  } finally {
    await objects.close();
  }
}

/** Questions that nobody asked before, each about what one lecture of the index is about. */
function makeQuestions(text: SyntheticText, chunks: number): (count: number) => string[] {
  const random = seededRandom(chunks);
  return (count) => Array.from({ length: count }, () => text.ask(text.topicOf(Math.floor((random() * chunks) / 64)), random));
}

async function readSteps(
  { apiUrl, apiKey }: { apiUrl: string; apiKey: string },
  questions: readonly string[],
): Promise<Record<string, number>> {
  const steps = new Map<string, number[]>();
  for (const question of questions) {
    const response = await fetch(`${apiUrl}/api/v1/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ question, answer: false }),
    });
    if (!response.ok) throw new LecternError('internal', `the API answered ${response.status}: ${await response.text()}`);
    for (const [step, took] of Object.entries(QueryResponseSchema.parse(await response.json()).timingsMs)) {
      steps.set(step, [...(steps.get(step) ?? []), took]);
    }
  }
  return Object.fromEntries([...steps].map(([step, all]) => [step, Math.round(10 * all.toSorted((a, b) => a - b)[all.length >> 1]!) / 10]));
}
