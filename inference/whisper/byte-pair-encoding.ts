import { toLetters } from './byte-level.ts';

/** GPT-2's words: a contraction's end, or letters, digits or marks with the space before them, or space. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/**
 * Encodes text as Whisper's tokenizer does. `idOf` maps vocabulary entries, spelled in the byte alphabet, to ids. An entry's id is its
 * rank too: pairs are joined in the order in which training joined them. Control tokens are no text: `<|en|>` is spelled out.
 * Source: openai/tiktoken `byte_pair_merge`.
 */
export function encodeBytePairs(text: string, idOf: ReadonlyMap<string, number>): number[] {
  const words = text.match(WORDS) ?? [];
  return words.flatMap((word) => joinPairs(toLetters(new TextEncoder().encode(word)).split(''), idOf));
}

function joinPairs(letters: readonly string[], idOf: ReadonlyMap<string, number>): number[] {
  const parts = [...letters];
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    let place = -1;
    for (let i = 0; i + 1 < parts.length; i++) {
      const rank = idOf.get(`${parts[i]}${parts[i + 1]}`) ?? Number.POSITIVE_INFINITY;
      if (rank < best) [best, place] = [rank, i];
    }
    if (place === -1) return parts.flatMap((part) => idOf.get(part) ?? []);
    parts.splice(place, 2, `${parts[place]}${parts[place + 1]}`);
  }
}
