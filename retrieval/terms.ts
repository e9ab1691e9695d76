// Question words and function words: they are in every passage and say nothing about which one is meant. English and
// German, the languages whose lectures we measure; in others no term is dropped.
const STOP_WORDS = new Set(
  toWords(
    'a about after all also am an and any are as at be because been before being but by can could did do does doing for from had has have ' +
      'having he her here him his how i if in into is it its just me more most my no nor not of off on once only or other our out over own ' +
      's same she should so some such t than that the their them then there these they this those through to too up us very was we were what ' +
      'when where which while who whom whose why will with would you your ' +
      'aber als am an auch auf aus bei bin bis das dass dem den der des die dies diese dieser dieses du durch ein eine einem einen einer es ' +
      'für hat haben ich ihr im in ist kann mit nach nicht noch nur oder sein sich sie sind so über um und uns von vor war warum was welche ' +
      'welcher welches wenn wer werden wie wir wird wo zu zum zur',
  ),
);

/** Lower-case words without diacritics, as FTS5's `unicode61 remove_diacritics 2` reads them. */
export function toWords(text: string): string[] {
  const folded = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Distinct words of a question that can tell one passage from another; all of them when none can. */
export function toSearchTerms(question: string): string[] {
  const words = [...new Set(toWords(question))];
  const telling = words.filter((word) => !STOP_WORDS.has(word));
  return telling.length > 0 ? telling : words;
}
