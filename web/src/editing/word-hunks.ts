/** Words `from` to `to` (exclusive) of what was there become `texts`. */
export interface WordHunk {
  from: number;
  to: number;
  texts: string[];
}

/**
 * What changed between two lists of words, by their longest common subsequence: words that stay keep their times, and only the
 * others are sent. For paragraphs: it takes time and memory by the product of the lengths.
 */
export function findHunks(before: readonly string[], after: readonly string[]): WordHunk[] {
  const common = measureCommon(before, after);
  const hunks: WordHunk[] = [];
  let [at, then] = [0, 0];
  while (at < before.length || then < after.length) {
    if (before[at] === after[then] && at < before.length) {
      at += 1;
      then += 1;
      continue;
    }
    const hunk: WordHunk = { from: at, to: at, texts: [] };
    while ((at < before.length || then < after.length) && (before[at] !== after[then] || at === before.length)) {
      const drop = at < before.length && (then === after.length || common[at + 1]![then]! >= common[at]![then + 1]!);
      if (drop) at += 1;
      else hunk.texts.push(after[then++]!);
    }
    hunks.push({ ...hunk, to: at });
  }
  return hunks;
}

/** `[i][j]`: length of the longest common subsequence of `before` from i on and `after` from j on. */
function measureCommon(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      lengths[i]![j] = before[i] === after[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  return lengths;
}
