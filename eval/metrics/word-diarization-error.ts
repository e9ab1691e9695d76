import { alignSequences } from './sequence-alignment.ts';
import { matchByAgreement } from './speaker-slices.ts';
import { toScoredWords } from './word-error-rate.ts';

/** A word of a reference or of a transcript; `null` is nobody known. */
export interface SpokenWord {
  text: string;
  speaker: string | null;
}

export interface SpeakerErrors {
  /** Words heard at all, rightly or not: those whose speaker can be judged. */
  heardWords: number;
  /** Of these, words given to another speaker or to nobody. */
  wrongSpeakerWords: number;
}

/**
 * Who was said to have said what: words are aligned as for the word error rate, speakers matched one to one so that most words
 * agree (El Shafey et al. 2019). Both lists in order of time.
 */
export function countSpeakerErrors(reference: readonly SpokenWord[], hypothesis: readonly SpokenWord[], language: string): SpeakerErrors {
  const expected = toTokens(reference, language);
  const found = toTokens(hypothesis, language);
  const names = { expected: speakersOf(expected), found: speakersOf(found) };
  const agreement = names.expected.map(() => names.found.map(() => 0));
  const heard: [expected: number, found: number][] = [];
  const pairs = alignSequences(
    expected.map((token) => token.text),
    found.map((token) => token.text),
  );
  for (const pair of pairs) {
    if (pair.reference === null || pair.hypothesis === null) continue;
    const a = names.expected.indexOf(expected[pair.reference]?.speaker ?? '');
    const b = names.found.indexOf(found[pair.hypothesis]?.speaker ?? '');
    // A reference without a speaker says nothing about the transcript's.
    if (a < 0) continue;
    heard.push([a, b]);
    const row = agreement[a];
    if (row !== undefined && b >= 0) row[b] = (row[b] ?? 0) + 1;
  }
  const mapping = matchByAgreement(agreement);
  return { heardWords: heard.length, wrongSpeakerWords: heard.filter(([a, b]) => b < 0 || mapping.get(a) !== b).length };
}

/** Share of heard words with a wrong speaker, pooled; `null` when no word was heard. One minus it is the share with the right one. */
export function wordDiarizationErrorRate(errors: readonly SpeakerErrors[]): number | null {
  const heard = errors.reduce((sum, one) => sum + one.heardWords, 0);
  return heard === 0 ? null : errors.reduce((sum, one) => sum + one.wrongSpeakerWords, 0) / heard;
}

function toTokens(words: readonly SpokenWord[], language: string): SpokenWord[] {
  return words.flatMap(({ text, speaker }) => toScoredWords(text, language).map((token) => ({ text: token, speaker })));
}

function speakersOf(words: readonly SpokenWord[]): string[] {
  return [...new Set(words.map((word) => word.speaker))].filter((speaker) => speaker !== null);
}
