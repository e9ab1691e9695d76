/**
 * Retrieval measured: every leg and every fusion on questions whose passages are known.
 *
 * To add a system (a stage, a fusion, a way to ask): add an entry to `SYSTEMS` in systems.ts. `searcher(name, about, deps)` takes
 * what `createSearcher` takes; for anything else write `open(parts)`, which gives a function from a question to chunk ids. It
 * is opened twice, once on parts that remember (quality) and once on live ones (times). Put whatever else it needs (a
 * reranker) into `Parts` in open-parts.ts. `--only NAME...` runs some of them beside `bm25` and `shipped`.
 * To measure another way to cut or to situate passages: make another `Dataset` of the same questions (datasets/), with `context`
 * set or passages cut anew, and add it to `DATASETS` below.
 */
import { loadavg } from 'node:os';
import type { Config } from '../../contracts/config.ts';
import type { QueryFilters } from '../../contracts/query.ts';
import { pairedRandomisation, type PairedDifference } from '../metrics/paired-randomisation.ts';
import { seededRandom } from '../metrics/seeded-random.ts';
import type { Interval } from '../metrics/bootstrap-interval.ts';
import type { Dataset, DatasetQuestion } from './datasets/dataset.ts';
import { readJsonl } from './datasets/jsonl.ts';
import { readQmsum } from './datasets/qmsum.ts';
import { readSquad } from './datasets/squad.ts';
import { mapInFlight } from './map-in-flight.ts';
import { openParts } from './open-parts.ts';
import { DEPTH, meanScores, METRIC_NAMES, scoreIntervals, scoreRanking, type RankingScores } from './score-ranking.ts';
import { BASELINE, SHIPPED, SYSTEMS, type Rank, type RetrievalSystem } from './systems.ts';
import { timeSystems, type Latency } from './time-systems.ts';

/** Each reads a file or a folder. */
const DATASETS = {
  'spoken-squad': (path) => readSquad('spoken-squad', path),
  xquad: (path) => readSquad('xquad', path),
  qmsum: readQmsum,
  jsonl: readJsonl,
} satisfies Record<string, (path: string) => Promise<Dataset>>;

export type DatasetName = keyof typeof DATASETS;

/** Questions that every system is timed on. */
const TIMED_QUESTIONS = 60;
const SEED = 20_260_103;

export interface RetrievalOptions {
  config: Config;
  /** One line of progress. */
  note: (line: string) => void;
  dataset: DatasetName;
  /** Only so many questions, drawn by a seed. */
  questions?: number;
  /** Systems to run beside the baseline and the shipped one; all that are not slow when absent. */
  only?: readonly string[];
}

export interface SystemResult extends RankingScores {
  about: string;
  intervals: Record<keyof RankingScores, Interval | null>;
}

/** The shipped system's mean less the baseline's, and how likely chance alone makes as much. */
export type Comparison = Record<keyof RankingScores, PairedDifference>;

interface Ranked {
  systems: Record<string, SystemResult>;
  shippedAgainstBaseline: Comparison;
}

export interface RetrievalEvaluation {
  dataset: string;
  about: string;
  lectures: number;
  passages: number;
  questions: number;
  models: { dense: string; sparse: string };
  /** Of one minute as the timing ended: above the number of cores, other work took its share of the latencies. */
  loadAverage: number;
  /** Each search in all lectures. */
  systems: Record<string, SystemResult & Latency>;
  shipped: string;
  baseline: string;
  shippedAgainstBaseline: Comparison;
  /** The same questions, each in the lecture that answers it. */
  withinLecture: Ranked;
}

/** Ranks every question with every system, in all lectures and within its own, and times warm queries. */
export async function evaluateRetrieval(path: string, options: RetrievalOptions): Promise<RetrievalEvaluation> {
  const { config, note, only } = options;
  const dataset = await readQuestions(path, options);
  const { questions } = dataset;
  const chosen = SYSTEMS.filter(({ name, slow }) => (only === undefined ? slow !== true : [BASELINE, SHIPPED, ...only].includes(name)));
  const passages = dataset.lectures.reduce((sum, lecture) => sum + lecture.passages.length, 0);
  note(`${dataset.name}: ${dataset.lectures.length} lectures, ${passages} passages, ${questions.length} questions`);
  const parts = await openParts(config, dataset, note);
  try {
    const everywhere = await rankAll(chosen, parts.kept, questions, () => ({}), note);
    const within = await rankAll(chosen, parts.kept, questions, ({ lectureId }) => ({ lectureIds: [lectureId] }), note);
    note('timing warm queries');
    const live = new Map(chosen.map((system): [string, Rank] => [system.name, system.open(parts.live)]));
    const latencies = await timeSystems(
      live,
      questions.slice(0, TIMED_QUESTIONS).map(({ text }) => text),
    );
    return {
      dataset: dataset.name,
      about: dataset.about,
      lectures: dataset.lectures.length,
      passages,
      questions: questions.length,
      models: { dense: parts.live.embedder.model.name, sparse: parts.live.sparseEncoder.model.name },
      loadAverage: Number(loadavg()[0]!.toFixed(1)),
      systems: Object.fromEntries(
        Object.entries(everywhere.systems).map(([name, result]) => [name, { ...result, ...latencies.get(name)! }]),
      ),
      shipped: SHIPPED,
      baseline: BASELINE,
      shippedAgainstBaseline: everywhere.shippedAgainstBaseline,
      withinLecture: within,
    };
  } finally {
    await parts.close();
  }
}

async function rankAll(
  systems: readonly RetrievalSystem[],
  parts: Parameters<RetrievalSystem['open']>[0],
  questions: readonly DatasetQuestion[],
  filtersOf: (question: DatasetQuestion) => QueryFilters,
  note: (line: string) => void,
): Promise<Ranked> {
  const scores = new Map<string, RankingScores[]>();
  for (const system of systems) {
    const { name } = system;
    const rank = system.open(parts);
    const own = await mapInFlight(questions, async (question) =>
      scoreRanking(await rank(question.text, filtersOf(question), DEPTH), question.relevant),
    );
    scores.set(name, own);
    note(`${name}: nDCG@10 ${meanScores(own).ndcg10.toFixed(3)}, R@5 ${meanScores(own).r5.toFixed(3)}`);
  }
  const results = systems.map(({ name, about }): [string, SystemResult] => {
    const own = scores.get(name)!;
    return [name, { ...meanScores(own), about, intervals: scoreIntervals(own) }];
  });
  return { systems: Object.fromEntries(results), shippedAgainstBaseline: compare(scores.get(SHIPPED)!, scores.get(BASELINE)!) };
}

function compare(ours: readonly RankingScores[], theirs: readonly RankingScores[]): Comparison {
  return Object.fromEntries(
    METRIC_NAMES.map((name) => [
      name,
      pairedRandomisation(
        ours.map((one) => one[name]),
        theirs.map((one) => one[name]),
      ),
    ]),
  ) as Comparison;
}

/** A data set with `options.questions` of its questions, all by default, in an order drawn by a seed: a part is no part of the lectures. */
export async function readQuestions(
  path: string,
  { dataset: name, questions: count }: Pick<RetrievalOptions, 'dataset' | 'questions'>,
): Promise<Dataset> {
  const dataset = await DATASETS[name](path);
  const random = seededRandom(SEED);
  const questions = dataset.questions
    .map((question) => ({ question, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ question }) => question);
  return { ...dataset, questions };
}
