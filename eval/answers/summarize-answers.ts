import { bootstrapInterval, type Interval } from '../metrics/bootstrap-interval.ts';
import { corpusBleu } from '../metrics/bleu.ts';
import type { AnswerScore } from './score-answer.ts';

/** A rate with what it is of, and its 95 % bootstrap interval over questions. `null`: nothing to measure it on. */
export interface Measured {
  value: number | null;
  of: number;
  interval: Interval | null;
}

/** Rates are 0 to 1; BLEU is 0 to 100. */
export interface AnswerRates {
  questions: { answerable: number; unanswerable: number };
  /** Questions treated rightly: answered where the lectures answer, refused where they do not. */
  refusalAccuracy: Measured;
  answeredOfAnswerable: Measured;
  refusedOfUnanswerable: Measured;
  /** Of all citations: their span of the transcript has exactly the words quoted. */
  spansExact: Measured;
  /** Of the citations given to answerable questions: they lie where the answer is said. */
  citationPrecision: Measured;
  /** Of the answerable questions: a citation lies where the answer is said. Refused ones have none. */
  citationRecall: Measured;
  /** As ALCE defines them, by lexical entailment: citations that their claim needs, claims that their citations bear out. */
  supportPrecision: Measured;
  supportRecall: Measured;
  /** Of the answerable questions that were answered. */
  answerHit: Measured;
  bleu: Measured;
  /** Of the questions with a known speaker whose answer cites the right place. */
  speakerRight: Measured;
  medianMilliseconds: number | null;
  p95Milliseconds: number | null;
}

type Rate = (scores: readonly AnswerScore[]) => { hits: number; of: number };

const count = (scores: readonly AnswerScore[], holds: (score: AnswerScore) => boolean): number => scores.filter(holds).length;
const sum = (scores: readonly AnswerScore[], of: (score: AnswerScore) => number): number =>
  scores.reduce((total, score) => total + of(score), 0);

const RATES = {
  refusalAccuracy: (scores) => ({ hits: count(scores, ({ answered, answerable }) => answered === answerable), of: scores.length }),
  answeredOfAnswerable: (scores) => ({
    hits: count(scores, ({ answered, answerable }) => answerable && answered),
    of: count(scores, ({ answerable }) => answerable),
  }),
  refusedOfUnanswerable: (scores) => ({
    hits: count(scores, ({ answered, answerable }) => !answerable && !answered),
    of: count(scores, ({ answerable }) => !answerable),
  }),
  spansExact: (scores) => ({ hits: sum(scores, ({ exact }) => exact), of: sum(scores, ({ citations }) => citations) }),
  citationPrecision: (scores) => ({
    hits: sum(scores, ({ onTarget }) => onTarget),
    of: sum(scores, ({ answerable, citations }) => (answerable ? citations : 0)),
  }),
  citationRecall: (scores) => ({ hits: count(scores, ({ found }) => found), of: count(scores, ({ places }) => places > 0) }),
  supportPrecision: (scores) => ({
    hits: sum(scores, ({ support }) => support.needed),
    of: sum(scores, ({ support }) => support.citations),
  }),
  supportRecall: (scores) => ({ hits: sum(scores, ({ support }) => support.supported), of: sum(scores, ({ support }) => support.claims) }),
  answerHit: (scores) => ({
    hits: count(scores, ({ hit, answered }) => answered && hit === true),
    of: count(scores, ({ hit, answered }) => answered && hit !== null),
  }),
  speakerRight: (scores) => ({
    hits: count(scores, ({ speakerRight }) => speakerRight === true),
    of: count(scores, ({ speakerRight }) => speakerRight !== null),
  }),
} satisfies Partial<Record<keyof AnswerRates, Rate>>;

export function summarizeAnswers(scores: readonly AnswerScore[]): AnswerRates {
  const rate = (of: Rate): Measured => {
    const valueOf = (drawn: readonly AnswerScore[]): number | null => {
      const counted = of(drawn);
      return counted.of === 0 ? null : counted.hits / counted.of;
    };
    return { value: valueOf(scores), of: of(scores).of, interval: bootstrapInterval(scores, valueOf) };
  };
  const rates = Object.fromEntries(Object.entries(RATES).map(([name, of]) => [name, rate(of)])) as Record<keyof typeof RATES, Measured>;
  const bleuOf = (drawn: readonly AnswerScore[]): number | null => corpusBleu(drawn.flatMap(({ bleu }) => (bleu === null ? [] : [bleu])));
  const times = scores.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const timeAt = (share: number): number | null => times[Math.round(share * (times.length - 1))] ?? null;
  return {
    questions: {
      answerable: count(scores, ({ answerable }) => answerable),
      unanswerable: count(scores, ({ answerable }) => !answerable),
    },
    ...rates,
    bleu: { value: bleuOf(scores), of: count(scores, ({ bleu }) => bleu !== null), interval: bootstrapInterval(scores, bleuOf) },
    medianMilliseconds: timeAt(0.5),
    p95Milliseconds: timeAt(0.95),
  };
}
