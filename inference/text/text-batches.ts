import type { EncodedText } from './tokenizer.ts';

/** Texts of similar length, padded to the longest: `ids`, `typeIds` and `mask` are `[texts, tokens]`, row-major. */
export interface TextBatch {
  /** Where each row came from in the input. */
  positions: number[];
  tokens: number;
  ids: BigInt64Array;
  typeIds: BigInt64Array;
  mask: BigInt64Array;
}

/**
 * Sorts by length and fills batches of at most `maxPaddedTokens` (a single longer text is a batch of its own), so that
 * little is spent on padding and memory is bounded. The same texts always make the same batches.
 */
export function toTextBatches(texts: readonly EncodedText[], maxPaddedTokens: number): TextBatch[] {
  const byLength = texts.map((_, position) => position).sort((a, b) => texts[a]!.ids.length - texts[b]!.ids.length || a - b);
  const groups: number[][] = [];
  for (const position of byLength) {
    const group = groups.at(-1);
    // Ascending: the text that comes is the longest of its batch.
    const padded = ((group?.length ?? 0) + 1) * texts[position]!.ids.length;
    if (group === undefined || padded > maxPaddedTokens) groups.push([position]);
    else group.push(position);
  }
  return groups.map((positions) => toBatch(texts, positions));
}

function toBatch(texts: readonly EncodedText[], positions: number[]): TextBatch {
  const tokens = Math.max(...positions.map((position) => texts[position]!.ids.length));
  const size = positions.length * tokens;
  const batch = { positions, tokens, ids: new BigInt64Array(size), typeIds: new BigInt64Array(size), mask: new BigInt64Array(size) };
  for (const [row, position] of positions.entries()) {
    const { ids, typeIds } = texts[position]!;
    for (const [column, id] of ids.entries()) {
      batch.ids[row * tokens + column] = BigInt(id);
      batch.typeIds[row * tokens + column] = BigInt(typeIds[column] ?? 0);
      batch.mask[row * tokens + column] = 1n;
    }
  }
  return batch;
}
