import { describe, expect, it } from 'vitest';
import { toBm25Document, toBm25Query } from './bm25-vector.ts';

describe('bm25 vectors', () => {
  it('hash as FNV-1a does', () => {
    // Published test vectors of the FNV reference code.
    expect(toBm25Query('a').indices).toEqual([0xe40c292c]);
    expect(toBm25Query('foobar').indices).toEqual([0xbf9cf968]);
  });

  it('weigh a term by saturation, as computed by hand', () => {
    const { values } = toBm25Document('cell cell');
    expect(values).toEqual([(2 * 2.2) / (2 + 1.2 * (0.25 + (0.75 * 2) / 120))]);
  });

  it('meet in the stem, ascending and distinct', () => {
    const document = toBm25Document('Enzymes catalyse reactions; reactions need enzymes.');
    expect(document.indices).toEqual([...new Set(document.indices)].sort((a, b) => a - b));
    const shared = toBm25Query('Which reaction does an enzyme catalyse?').indices.filter((index) => document.indices.includes(index));
    expect(shared).toHaveLength(3);
  });

  it('are empty for nothing', () => {
    expect(toBm25Document('?!')).toEqual({ indices: [], values: [] });
    expect(toBm25Query('')).toEqual({ indices: [], values: [] });
  });
});
