import { toSearchTerms, toWords } from '../../../retrieval/terms.ts';

/** What a question's own letters say about which leg may find its answer. */
export interface QuestionFeatures {
  /** Words in quotes: the reader knows how it was put. */
  quoted: boolean;
  /** Figures or years, which vectors blur. */
  digits: boolean;
  /** A name or a term: a capital past the first word, or a word longer than everyday ones. */
  rare: boolean;
  /** More words that tell passages apart than a short question has. */
  long: boolean;
}

const LONG_TERMS = 7;
const RARE_LETTERS = 11;

export function toQuestionFeatures(question: string): QuestionFeatures {
  const terms = toSearchTerms(question);
  return {
    quoted: /["“”„«»]/u.test(question),
    digits: /\p{N}/u.test(question),
    rare: /\s["“„«(]*\p{Lu}\p{L}/u.test(question) || toWords(question).some((word) => word.length >= RARE_LETTERS),
    long: terms.length >= LONG_TERMS,
  };
}
