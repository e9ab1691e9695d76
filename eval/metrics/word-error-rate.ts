import { alignSequences } from './sequence-alignment.ts';
import { normalizeBasicText, splitsIntoCharacters } from './basic-text.ts';
import { normalizeEnglishText } from './english-text.ts';

export interface WordErrors {
  substitutions: number;
  deletions: number;
  insertions: number;
  /** Words (characters in Chinese, Japanese, Thai, ...) of the reference. */
  reference: number;
}

/** Words of a text as they are compared: normalised as Whisper's authors do, by character where words are not spaced. */
export function toScoredWords(text: string, language: string): string[] {
  const normalized = language === 'en' ? normalizeEnglishText(text) : normalizeBasicText(text, splitsIntoCharacters(language));
  return normalized === '' ? [] : normalized.split(' ');
}

/** Errors of `hypothesis` against `reference`, both as spoken text in `language` (ISO 639-1). */
export function countWordErrors(reference: string, hypothesis: string, language: string): WordErrors {
  return countErrors(toScoredWords(reference, language), toScoredWords(hypothesis, language));
}

/** The same by character of the normalised texts; a space between words is one. */
export function countCharacterErrors(reference: string, hypothesis: string, language: string): WordErrors {
  const space = splitsIntoCharacters(language) ? '' : ' ';
  const characters = (text: string): string[] => Array.from(toScoredWords(text, language).join(space));
  return countErrors(characters(reference), characters(hypothesis));
}

function countErrors(expected: readonly string[], heard: readonly string[]): WordErrors {
  const errors: WordErrors = { substitutions: 0, deletions: 0, insertions: 0, reference: expected.length };
  for (const pair of alignSequences(expected, heard)) {
    if (pair.reference === null) errors.insertions++;
    else if (pair.hypothesis === null) errors.deletions++;
    else if (expected[pair.reference] !== heard[pair.hypothesis]) errors.substitutions++;
  }
  return errors;
}

/** Errors over words (or characters) of the reference, all recordings pooled; `null` where the references hold no word. */
export function wordErrorRate(errors: readonly WordErrors[]): number | null {
  const reference = errors.reduce((sum, one) => sum + one.reference, 0);
  const wrong = errors.reduce((sum, one) => sum + one.substitutions + one.deletions + one.insertions, 0);
  return reference === 0 ? null : wrong / reference;
}
