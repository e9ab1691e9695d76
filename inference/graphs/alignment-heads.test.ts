import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chooseAlignmentHeads, type AlignmentHead } from './alignment-heads.ts';

interface Golden {
  models: { name: string; layers: number; heads: number; vocabulary: number; alignmentHeads: AlignmentHead[] }[];
}

/** Made by `make_alignment_heads.py` from what OpenAI published. */
const golden = JSON.parse(readFileSync(new URL('../../tests/golden/alignment-heads.json', import.meta.url), 'utf8')) as Golden;

test.each(golden.models)('$name has the heads that OpenAI found', ({ alignmentHeads, ...shape }) => {
  expect(chooseAlignmentHeads(shape, undefined)).toEqual(alignmentHeads);
});

const base = { layers: 6, heads: 8, vocabulary: 51_865 };
const distilled = { layers: 2, heads: 20, vocabulary: 51_866 };

test('what the configuration names comes first', () => {
  expect(chooseAlignmentHeads(base, [[5, 7]])).toEqual([[5, 7]]);
});

test('heads of a teacher with more layers, or none, count as none', () => {
  const upper = Array.from({ length: 20 }, (_, head) => [1, head]);
  expect(chooseAlignmentHeads(distilled, [[25, 6]])).toEqual(upper);
  expect(chooseAlignmentHeads(distilled, [])).toEqual(upper);
  expect(chooseAlignmentHeads(base, [[5, 8]])).toEqual(chooseAlignmentHeads(base, undefined));
});

test('where nobody measured, the upper half of an odd number of layers', () => {
  const chosen = chooseAlignmentHeads({ layers: 3, heads: 2, vocabulary: 100 }, undefined);
  expect(chosen).toEqual([
    [1, 0],
    [1, 1],
    [2, 0],
    [2, 1],
  ]);
});
