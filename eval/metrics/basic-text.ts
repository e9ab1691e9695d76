/** Languages written without spaces between words: they are scored by character. */
const UNSPACED = new Set(['zh', 'yue', 'ja', 'th', 'lo', 'my', 'km', 'bo']);

export function splitsIntoCharacters(language: string): boolean {
  return UNSPACED.has(language);
}

/**
 * The normalisation that the Whisper paper (Radford et al. 2022, appendix C) applies to languages other than English: lower
 * case, nothing in brackets, marks, symbols and punctuation as spaces. Words are then separated by one space.
 */
export function normalizeBasicText(text: string, byCharacter = false): string {
  const plain = withoutBrackets(text.toLowerCase())
    .normalize('NFKC')
    .replace(/[\p{M}\p{S}\p{P}]/gu, ' ')
    .toLowerCase();
  return collapseSpaces(byCharacter ? Array.from(plain).join(' ') : plain);
}

/** Remarks such as `[music]`, `<unk>` and `(laughs)` are not speech. */
export function withoutBrackets(text: string): string {
  return text.replace(/[<[][^>\]]*[>\]]/g, '').replace(/\([^)]+?\)/g, '');
}

export function collapseSpaces(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
