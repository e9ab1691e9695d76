import { createTermBias, type TermBias } from './term-bias.ts';
import type { WhisperTokenizer } from './tokenizer.ts';

/** Natural logarithm that each token of a term gains. Measured: `npm run eval -- vocabulary`. */
const GAIN_PER_TOKEN = 1.5;

/**
 * What makes decoding lean towards the terms of a vocabulary; `undefined` without terms. A term is looked for as it is written, at the
 * beginning of a word, and with a capital where it begins with a small letter, as a sentence may begin with it.
 */
export function createVocabularyBias(terms: readonly string[], tokenizer: WhisperTokenizer): TermBias | undefined {
  if (terms.length === 0) return undefined;
  const spellings = new Set(terms.flatMap((term) => [term, capitalised(term)]));
  const places = [...spellings].flatMap((spelling) => (isUnspaced(spelling) ? [spelling] : [` ${spelling}`]));
  return createTermBias(
    places.map((place) => tokenizer.encode(place)),
    GAIN_PER_TOKEN,
  );
}

function capitalised(term: string): string {
  const [first = '', ...rest] = term;
  return first.toLocaleUpperCase('und') + rest.join('');
}

/** Chinese, Japanese, Thai, Lao and Burmese write no spaces. */
function isUnspaced(term: string): boolean {
  return /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}]/u.test(term);
}
