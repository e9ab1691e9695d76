/** One step of an alignment: indices into reference and hypothesis; `null` marks a deletion or an insertion. */
export interface AlignedPair {
  reference: number | null;
  hypothesis: number | null;
}

const MATCH = 0;
const DELETE = 1;
const INSERT = 2;

/**
 * The cheapest alignment of two sequences, substitution, deletion and insertion costing one each (Levenshtein). Needs a byte a
 * pair: two hours of speech against two hours are about 400 MB.
 */
export function alignSequences(reference: readonly string[], hypothesis: readonly string[]): AlignedPair[] {
  const width = hypothesis.length + 1;
  const steps = new Uint8Array((reference.length + 1) * width);
  steps.fill(INSERT, 1, width);
  let above = Uint32Array.from({ length: width }, (_, index) => index);
  for (let row = 1; row <= reference.length; row++) {
    const costs = new Uint32Array(width);
    costs[0] = row;
    steps[row * width] = DELETE;
    for (let column = 1; column < width; column++) {
      const different = reference[row - 1] === hypothesis[column - 1] ? 0 : 1;
      const matched = (above[column - 1] ?? 0) + different;
      const deleted = (above[column] ?? 0) + 1;
      const inserted = (costs[column - 1] ?? 0) + 1;
      const best = Math.min(matched, deleted, inserted);
      costs[column] = best;
      steps[row * width + column] = best === matched ? MATCH : best === deleted ? DELETE : INSERT;
    }
    above = costs;
  }
  return trace(steps, reference.length, hypothesis.length);
}

function trace(steps: Uint8Array, rows: number, columns: number): AlignedPair[] {
  const pairs: AlignedPair[] = [];
  let row = rows;
  let column = columns;
  while (row > 0 || column > 0) {
    const step = steps[row * (columns + 1) + column];
    if (step !== INSERT) row--;
    if (step !== DELETE) column--;
    pairs.push({ reference: step === INSERT ? null : row, hypothesis: step === DELETE ? null : column });
  }
  return pairs.toReversed();
}
