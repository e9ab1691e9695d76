import { array, assert, constantFrom, integer, oneof, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SparseVector } from '../../contracts/transcript.ts';
import { TopK } from '../top-k.ts';
import { PostingLists } from './posting-lists.ts';
import { findHolding, scoreWords } from './score-words.ts';
import { decodeSegment, encodeSegment, scoreSegment } from './sparse-segment.ts';

interface Row {
  id: number;
  sparse: SparseVector;
}

const counts = uniqueArray(integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 }).map((terms): SparseVector => {
  const indices = terms.toSorted((a, b) => a - b);
  return { indices, values: indices.map((term) => 1 + (term % 4)) };
});
const step = oneof(
  record({ lecture: constantFrom('a', 'b', 'c', 'd', 'e'), chunks: array(counts, { maxLength: 9 }) }),
  record({ lecture: constantFrom('a', 'b', 'c', 'd', 'e') }),
);

/** Carries the steps out on lists, which settle after each, and on plain rows. */
function replay(steps: readonly { lecture: string; chunks?: SparseVector[] }[]): { lists: PostingLists; rows: Row[] } {
  const lists = new PostingLists();
  const lectures = new Map<string, Row[]>();
  let id = 0;
  for (const { lecture, chunks } of steps) {
    lectures.delete(lecture);
    if (chunks === undefined) lists.remove(lecture);
    else {
      const rows = chunks.map((sparse) => ({ id: id++, sparse }));
      lectures.set(lecture, rows);
      lists.add(lecture, decodeSegment(encodeSegment(rows)));
    }
    lists.settle();
  }
  return { lists, rows: [...lectures.values()].flat() };
}

function best(rows: readonly Row[], scoreOf: (sparse: SparseVector) => number): { id: number; score: number }[] {
  return rows
    .map(({ id, sparse }) => ({ id, score: scoreOf(sparse) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.id - b.id);
}

const valueOf = ({ indices, values }: SparseVector, term: number): number => values[indices.indexOf(term)] ?? 0;

describe('PostingLists', () => {
  it('score what is there now, whatever came and went before', () => {
    assert(
      property(array(step, { maxLength: 25 }), counts, (steps, query) => {
        const { lists, rows } = replay(steps);
        const top = new TopK(100);
        for (const segment of lists.segments) scoreSegment(segment, query, null, top);
        const inner = (sparse: SparseVector): number =>
          query.indices.reduce((sum, term, at) => sum + query.values[at]! * valueOf(sparse, term), 0);
        expect(top.take()).toEqual(best(rows, inner));
      }),
    );
  });

  it('rank words by BM25 over what is there now', () => {
    assert(
      property(array(step, { maxLength: 25 }), uniqueArray(integer({ min: 0, max: 9 }), { maxLength: 4 }), (steps, terms) => {
        const { lists, rows } = replay(steps);
        const top = new TopK(100);
        scoreWords(lists, terms, null, top);
        const lengthOf = ({ values }: SparseVector): number => values.reduce((sum, count) => sum + count, 0);
        const average = rows.reduce((sum, { sparse }) => sum + lengthOf(sparse), 0) / rows.length;
        const expected = best(rows, (sparse) =>
          terms.reduce((sum, term) => {
            const holding = rows.filter((row) => valueOf(row.sparse, term) > 0).length;
            const count = valueOf(sparse, term);
            const idf = Math.log(1 + (rows.length - holding + 0.5) / (holding + 0.5));
            return sum + (idf * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * lengthOf(sparse)) / average));
          }, 0),
        );
        const found = top.take();
        expect(new Set(found.map(({ id }) => id))).toEqual(new Set(expected.map(({ id }) => id)));
        for (const [at, { score }] of found.entries()) expect(score).toBeCloseTo(expected[at]!.score, 9);
      }),
    );
  });

  it('find the chunks that hold one of each list of words', () => {
    assert(
      property(
        array(step, { maxLength: 25 }),
        array(uniqueArray(integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
        (steps, terms) => {
          const { lists, rows } = replay(steps);
          const expected = rows
            .filter(({ sparse }) => terms.every((list) => list.some((term) => valueOf(sparse, term) > 0)))
            .map(({ id }) => id);
          expect(findHolding(lists, terms, null).toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it('stay few however many lectures come one by one', () => {
    const lists = new PostingLists();
    for (let lecture = 0; lecture < 300; lecture++) {
      lists.add(String(lecture), decodeSegment(encodeSegment([{ id: lecture, sparse: { indices: [1], values: [1] } }])));
      lists.settle();
      expect(lists.segments.length).toBeLessThanOrEqual(10);
    }
  });
});
