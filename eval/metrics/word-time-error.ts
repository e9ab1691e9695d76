import type { Span } from '../../contracts/transcript.ts';
import { alignSequences } from './sequence-alignment.ts';
import { toScoredWords } from './word-error-rate.ts';

/** Seconds between where words are said and where the transcript has them, of words that were heard right. */
export interface WordTimeErrors {
  startSeconds: number[];
  endSeconds: number[];
  /** Words of each side, heard right or not. */
  referenceWords: number;
  foundWords: number;
}

export interface WordTimeSummary {
  words: number;
  /** Over all starts and ends. */
  meanAbsoluteSeconds: number;
  medianStartSeconds: number;
  medianEndSeconds: number;
  /** 95 of 100 starts are nearer than this. */
  p95StartSeconds: number;
  /** Share of words with both edges within 0.1 s and 0.2 s. */
  within100ms: number;
  within200ms: number;
  /** Harmonic mean of precision and recall: a word is found when the same word has both edges within 0.05, 0.1 and 0.2 s. */
  f1At50ms: number;
  f1At100ms: number;
  f1At200ms: number;
}

interface SpannedText extends Span {
  text: string;
}

/** Distances between the edges of words that both sides have, aligned as for the word error rate. Both lists in order of time. */
export function measureWordTimes(reference: readonly SpannedText[], hypothesis: readonly SpannedText[], language: string): WordTimeErrors {
  const tokens = (words: readonly SpannedText[]): SpannedText[] =>
    words.flatMap((word) => {
      const parts = toScoredWords(word.text, language);
      // A word that is written as several has no edges inside.
      return parts.length === 1 ? [{ ...word, text: parts[0] ?? '' }] : [];
    });
  const [said, heard] = [tokens(reference), tokens(hypothesis)];
  const errors: WordTimeErrors = { startSeconds: [], endSeconds: [], referenceWords: said.length, foundWords: heard.length };
  const pairs = alignSequences(
    said.map(({ text }) => text),
    heard.map(({ text }) => text),
  );
  for (const pair of pairs) {
    const [one, other] = [said[pair.reference ?? -1], heard[pair.hypothesis ?? -1]];
    if (one === undefined || other === undefined || one.text !== other.text) continue;
    errors.startSeconds.push(Math.abs(one.startSeconds - other.startSeconds));
    errors.endSeconds.push(Math.abs(one.endSeconds - other.endSeconds));
  }
  return errors;
}

/** All recordings pooled; `null` where no word was heard right. */
export function summarizeWordTimes(errors: readonly WordTimeErrors[]): WordTimeSummary | null {
  const starts = errors.flatMap((one) => one.startSeconds);
  const ends = errors.flatMap((one) => one.endSeconds);
  if (starts.length === 0) return null;
  const near = (seconds: number): number => starts.filter((start, index) => Math.max(start, ends[index] ?? 0) <= seconds).length;
  const bothSides = errors.reduce((sum, { referenceWords, foundWords }) => sum + referenceWords + foundWords, 0);
  return {
    words: starts.length,
    meanAbsoluteSeconds: [...starts, ...ends].reduce((sum, error) => sum + error, 0) / (2 * starts.length),
    medianStartSeconds: quantile(starts, 0.5),
    medianEndSeconds: quantile(ends, 0.5),
    p95StartSeconds: quantile(starts, 0.95),
    within100ms: near(0.1) / starts.length,
    within200ms: near(0.2) / starts.length,
    f1At50ms: (2 * near(0.05)) / bothSides,
    f1At100ms: (2 * near(0.1)) / bothSides,
    f1At200ms: (2 * near(0.2)) / bothSides,
  };
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0;
}
