import { toSearchTerms, toWords } from '../terms.ts';
import { detectLanguage } from './detect-language.ts';
import { stemGermanWord } from './german-stemmer.ts';
import { stemWord } from '../porter-stemmer.ts';

/** A lecture says the same thousand words over and over. */
const remembered = { de: new Map<string, string>(), other: new Map<string, string>() };
const MAX_REMEMBERED = 50_000;

/** The stem of each word of a passage, in order: German words by a German stemmer, others by Porter's, which leaves most of them alone. */
export function toStems(text: string): string[] {
  const words = toWords(text);
  const isGerman = detectLanguage(words) === 'de';
  return words.map((word) => (isGerman ? remember(remembered.de, word, stemGermanWord) : remember(remembered.other, word, stemWord)));
}

/**
 * The stems that a question's telling words have in passages, each once: of all languages where it does not say its own, and in one
 * that is not English, since its lectures may well be.
 */
export function toSearchStems(question: string): string[] {
  const isEnglish = detectLanguage(toWords(question)) === 'en';
  return [...new Set(toSearchTerms(question).flatMap((word) => (isEnglish ? [stemWord(word)] : toAllStems(word))))];
}

/** Every stem that a word has in some language. `word` as `toWords` gives it. */
export function toAllStems(word: string): string[] {
  return [...new Set([stemWord(word), stemGermanWord(word)])];
}

function remember(known: Map<string, string>, word: string, stemOf: (word: string) => string): string {
  const stem = known.get(word);
  if (stem !== undefined) return stem;
  if (known.size >= MAX_REMEMBERED) known.clear();
  const made = stemOf(word);
  known.set(word, made);
  return made;
}
