/** Letters and punctuation of scripts that are written without spaces between words. */
const UNSPACED = String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\u3000-\u303f\uff00-\uffef]`;
const ENDS_UNSPACED = new RegExp(`${UNSPACED}$`, 'u');
const STARTS_UNSPACED = new RegExp(`^${UNSPACED}`, 'u');

/** Spoken words as text: a space between two, but none where both sides are of a script that writes none. */
export function joinWords(words: readonly string[]): string {
  let text = '';
  for (const word of words.map((each) => each.trim())) {
    if (word === '') continue;
    const spaced = text !== '' && !(ENDS_UNSPACED.test(text.slice(-2)) && STARTS_UNSPACED.test(word));
    text += spaced ? ` ${word}` : word;
  }
  return text;
}
