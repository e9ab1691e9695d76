import { defaultFusion } from '../../../retrieval/fusion/default-fusion.ts';
import { createFusion, type Fusion, type LegWeights, type Scale } from '../../../retrieval/fusion/fuse.ts';
import { byDistribution, byMinMax, byReciprocalRank } from '../../../retrieval/fusion/scales.ts';
import { withSurroundings, type SurroundingsWeights } from '../../../retrieval/fusion/with-surroundings.ts';
import type { LegList } from '../../../retrieval/legs.ts';
import { pairedRandomisation, type PairedDifference } from '../../metrics/paired-randomisation.ts';
import { ndcgAt, type Relevance } from '../../metrics/ranking-metrics.ts';
import { toQuestionFeatures, type QuestionFeatures } from './question-features.ts';
import { toWeightGrid } from './weight-grid.ts';
import { mean } from '../score-ranking.ts';

/** What every leg found for a question, and what it should have found. */
export interface FusionCase {
  question: string;
  lists: readonly LegList[];
  relevance: Relevance;
}

const SCALES: Record<string, Scale> = { 'reciprocal-rank': byReciprocalRank, 'min-max': byMinMax, distribution: byDistribution };

/** Tenths: what is finer than that is not told apart by a few hundred questions. */
const PARTS = 10;

const EVEN: LegWeights = { dense: 1 / 3, sparse: 1 / 3, bm25: 1 / 3 };

/** What is tried for the surroundings, over this. */
const THIRDS = createFusion(byMinMax, () => EVEN);
const NEIGHBOURS = [0, 0.1, 0.2, 0.3, 0.4];
const LECTURE = [0, 0.25, 0.5, 1];

interface Halves {
  development: FusionCase[];
  heldOut: FusionCase[];
}

interface Tuned {
  weights: LegWeights;
  /** nDCG@10 on the questions that the weights were chosen on, and on those that were kept from it. */
  development: number;
  heldOut: number;
  /** On the questions held out, less thirds with the same scale. */
  againstThirds: PairedDifference;
}

export interface Tuning {
  developmentQuestions: number;
  heldOutQuestions: number;
  /** The best weights of each scale. */
  scales: Record<string, Tuned & { thirds: { development: number; heldOut: number } }>;
  /** Weights chosen for questions with and without a feature, min-max; `heldOut` over those questions only. */
  adaptive: { feature: keyof QuestionFeatures; value: boolean; questions: number; tuned: Tuned }[];
  /** How much to lean on neighbours and lecture over min-max thirds, and what the default makes of the questions held out. */
  surroundings: {
    weights: SurroundingsWeights;
    development: number;
    heldOut: number;
    againstNone: PairedDifference;
    grid: { weights: SurroundingsWeights; ndcg10: number }[];
  };
  shippedHeldOut: { ndcg10: number; againstThirds: PairedDifference };
  /** nDCG@10 on the development questions of every point of the grid, by scale. */
  grid: Record<string, { weights: LegWeights; ndcg10: number }[]>;
}

/** Grid search of the legs' weights on every second case, reported on the others. Cases come in an order drawn by a seed. */
export function tuneFusion(cases: readonly FusionCase[]): Tuning {
  const halves = splitInHalves(cases);
  const grids = Object.entries(SCALES).map(([name, scale]) => ({ name, scale, points: search(scale, halves.development) }));
  const features = ['quoted', 'digits', 'rare', 'long'] as const;
  return {
    developmentQuestions: halves.development.length,
    heldOutQuestions: halves.heldOut.length,
    scales: Object.fromEntries(
      grids.map(({ name, scale, points }) => {
        const thirds = { development: mean(score(scale, EVEN, halves.development)), heldOut: mean(score(scale, EVEN, halves.heldOut)) };
        return [name, { ...settle(scale, points, halves.heldOut), thirds }];
      }),
    ),
    surroundings: tuneSurroundings(halves),
    shippedHeldOut: judgeShipped(halves.heldOut),
    adaptive: features.flatMap((feature) =>
      [true, false].flatMap((value) => {
        const having = ({ question }: FusionCase): boolean => toQuestionFeatures(question)[feature] === value;
        const [development, heldOut] = [halves.development.filter(having), halves.heldOut.filter(having)];
        if (development.length === 0 || heldOut.length === 0) return [];
        const tuned = settle(byMinMax, search(byMinMax, development), heldOut);
        return [{ feature, value, questions: development.length + heldOut.length, tuned }];
      }),
    ),
    grid: Object.fromEntries(grids.map(({ name, points }) => [name, points])),
  };
}

function tuneSurroundings({ development, heldOut }: Halves): Tuning['surroundings'] {
  const around = (weights: SurroundingsWeights): Fusion => withSurroundings(THIRDS, weights);
  const grid = NEIGHBOURS.flatMap((neighbours) => LECTURE.map((lecture) => ({ neighbours, lecture })))
    .map((weights) => ({ weights, ndcg10: mean(scoreFusion(around(weights), development)) }))
    .toSorted((a, b) => b.ndcg10 - a.ndcg10);
  const { weights, ndcg10 } = grid[0]!;
  const ours = scoreFusion(around(weights), heldOut);
  return {
    weights,
    development: ndcg10,
    heldOut: mean(ours),
    againstNone: pairedRandomisation(ours, scoreFusion(THIRDS, heldOut)),
    grid,
  };
}

function judgeShipped(heldOut: readonly FusionCase[]): Tuning['shippedHeldOut'] {
  const ours = scoreFusion(defaultFusion, heldOut);
  return { ndcg10: mean(ours), againstThirds: pairedRandomisation(ours, scoreFusion(THIRDS, heldOut)) };
}

function splitInHalves(cases: readonly FusionCase[]): Halves {
  return { development: cases.filter((_, index) => index % 2 === 0), heldOut: cases.filter((_, index) => index % 2 === 1) };
}

/** Every point of the grid on the development cases, best first. */
function search(scale: Scale, cases: readonly FusionCase[]): { weights: LegWeights; ndcg10: number }[] {
  return toWeightGrid(PARTS)
    .map((weights) => ({ weights, ndcg10: mean(score(scale, weights, cases)) }))
    .toSorted((a, b) => b.ndcg10 - a.ndcg10);
}

function settle(scale: Scale, points: readonly { weights: LegWeights; ndcg10: number }[], heldOut: readonly FusionCase[]): Tuned {
  const { weights, ndcg10 } = points[0]!;
  const ours = score(scale, weights, heldOut);
  return {
    weights,
    development: ndcg10,
    heldOut: mean(ours),
    againstThirds: pairedRandomisation(ours, score(scale, EVEN, heldOut)),
  };
}

function score(scale: Scale, weights: LegWeights, cases: readonly FusionCase[]): number[] {
  return scoreFusion(
    createFusion(scale, () => weights),
    cases,
  );
}

/** nDCG@10 of each case. */
function scoreFusion(fuse: Fusion, cases: readonly FusionCase[]): number[] {
  return cases.map(({ question, lists, relevance }) => {
    const ranking = fuse(lists, question).map(({ chunkId }) => chunkId);
    return ndcgAt(10, ranking, relevance);
  });
}
