import { detectLanguage } from './language/detect-language.ts';
import { STOP_WORDS } from './language/stop-words.ts';

/** Lower-case words without diacritics, as FTS5's `unicode61 remove_diacritics 2` reads them. */
export function toWords(text: string): string[] {
  const folded = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Distinct words of a question that can tell one passage from another, by its own language's function words; all when none can. */
export function toSearchTerms(question: string): string[] {
  const words = [...new Set(toWords(question))];
  const language = detectLanguage(words);
  const telling = language === undefined ? words : words.filter((word) => !STOP_WORDS[language].has(word));
  return telling.length > 0 ? telling : words;
}
