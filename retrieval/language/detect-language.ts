import { KNOWN_LANGUAGES, STOP_WORDS, type KnownLanguage } from './stop-words.ts';

/**
 * The language whose function words are most of `words`, as `toWords` gives them: the first of the known ones where several are, none
 * where there is no function word. Right for passages; a question of three words may be taken for another language's.
 */
export function detectLanguage(words: readonly string[]): KnownLanguage | undefined {
  let best: KnownLanguage | undefined;
  let most = 0;
  for (const language of KNOWN_LANGUAGES) {
    const found = words.reduce((sum, word) => sum + (STOP_WORDS[language].has(word) ? 1 : 0), 0);
    if (found > most) [best, most] = [language, found];
  }
  return best;
}
