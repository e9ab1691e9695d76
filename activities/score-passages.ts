import type { SearchQuality } from '../contracts/reindex-workflow.ts';
import type { EvaluationContext } from '../contracts/reindex.ts';

/** Passages that are looked at. */
export const MEASURED_PASSAGES = 10;

/** What a found passage must tell to be judged. */
export interface JudgedPassage {
  lectureId: string;
  title?: string | undefined;
  startSeconds: number;
  endSeconds: number;
  text: string;
}

/**
 * How well `passages`, best first, give what answers a question. The gain lies in the places that answer, not in passages: a passage
 * gains where it is the first to cover a place, so that two ways of cutting a lecture can be compared. The ideal order has those
 * passages first and behind them one for each place that was missed. nDCG with that gain, after Järvelin and Kekäläinen (2002).
 */
export function scorePassages(contexts: readonly EvaluationContext[], passages: readonly JudgedPassage[]): SearchQuality {
  let missed = [...contexts];
  const gains: number[] = [];
  for (const [rank, passage] of passages.slice(0, MEASURED_PASSAGES).entries()) {
    const left = missed.filter((context) => !covers(passage, context));
    if (left.length < missed.length) gains.push(discount(rank));
    missed = left;
  }
  const idealCount = Math.min(gains.length + missed.length, MEASURED_PASSAGES);
  const ideal = Array.from({ length: idealCount }, (_, rank) => discount(rank));
  return { ndcg10: sum(gains) / sum(ideal), hitRate: gains.length > 0 ? 1 : 0 };
}

export function meanQuality(scores: readonly SearchQuality[]): SearchQuality {
  const mean = (read: (score: SearchQuality) => number): number => sum(scores.map(read)) / scores.length;
  return { ndcg10: mean(({ ndcg10 }) => ndcg10), hitRate: mean(({ hitRate }) => hitRate) };
}

function covers(passage: JudgedPassage, context: EvaluationContext): boolean {
  if (typeof context === 'string') return toWords(passage.text).includes(toWords(context));
  const isThere = context.recording === passage.lectureId || context.recording === passage.title;
  return isThere && passage.startSeconds < context.endSeconds && passage.endSeconds > context.startSeconds;
}

/** Letters and digits, one space between words and at both ends, so that words are found whole. */
function toWords(text: string): string {
  return ` ${(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')} `;
}

function discount(rank: number): number {
  return 1 / Math.log2(rank + 2);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
