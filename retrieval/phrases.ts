import { toWords } from './terms.ts';

/** Straight and typographic quotation marks, as keyboards and languages have them. */
const QUOTED = /"([^"]*)"|“([^”“]*)[”“]|„([^“”„]*)[“”]|«([^»]*)»|»([^«]*)«/gu;

/** What a question puts in quotation marks, without those that hold no word. */
export function findPhrases(question: string): string[] {
  return [...question.matchAll(QUOTED)]
    .map((match) =>
      match
        .slice(1)
        .find((group) => group !== undefined)!
        .trim(),
    )
    .filter(isPhrase);
}

/** Whether the words of `phrase` stand in `text` side by side; case, punctuation and diacritics aside. */
export function holdsPhrase(text: string, phrase: string): boolean {
  return toWordLine(text).includes(toWordLine(phrase));
}

/** The words of a text with a space around each. */
export function toWordLine(text: string): string {
  return ` ${toWords(text).join(' ')} `;
}

function isPhrase(text: string): boolean {
  return toWords(text).length > 0;
}
