/** Words `[from, to)` of a list. */
export interface WordRange {
  from: number;
  to: number;
}

// A transcriber writes its punctuation onto the words, so a word tells whether a sentence ends with it.
const ENDS_SENTENCE = /[.!?…]["'”’»)\]]*$|[。！？｡؟।]["'”’»」』）]*$/u;
const ABBREVIATION =
  /^["'“‘«(]*(?:dr|prof|mr|mrs|ms|st|vs|etc|e\.g|i\.e|cf|ca|approx|fig|eq|eqs|sec|ch|no|nr|vol|pp|al|bzw|z\.\s?b|d\.\s?h|u\.\s?a|usw|inc|ltd|jr|sr|[\p{L}])\.$/iu;
const STARTS_LOWER = /^["'“‘«(]*\p{Ll}/u;

/**
 * Sentences of spoken words, in order, covering all of them. The chunker cuts where these end and the answerer quotes
 * them, so both must mean the same thing by a sentence. `Intl.Segmenter` would split after "Dr." and "e.g."; a full stop
 * after a known abbreviation or a single letter, or after a short word before a lower-case one, ends nothing here.
 */
export function splitSentences(words: readonly { text: string }[]): WordRange[] {
  const sentences: WordRange[] = [];
  let from = 0;
  for (let index = 0; index < words.length; index++) {
    const last = index === words.length - 1;
    if (!last && !endsSentence(words[index]!.text.trim(), words[index + 1]!.text.trim())) continue;
    sentences.push({ from, to: index + 1 });
    from = index + 1;
  }
  return sentences;
}

function endsSentence(word: string, next: string): boolean {
  if (!ENDS_SENTENCE.test(word)) return false;
  if (/[!?！？。｡؟।]/u.test(word.slice(-2))) return true;
  return !ABBREVIATION.test(word) && !(word.length <= 5 && STARTS_LOWER.test(next));
}
