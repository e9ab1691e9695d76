import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignTokens, pathStarts } from './word-alignment.ts';

/** The least cost of any path, by trying all of them. */
function cheapest(cost: number[], rows: number, columns: number, row = 0, column = 0): number {
  const here = cost[row * columns + column]!;
  if (row === rows - 1 && column === columns - 1) return here;
  const onward: number[] = [];
  if (row + 1 < rows) onward.push(cheapest(cost, rows, columns, row + 1, column));
  if (column + 1 < columns) onward.push(cheapest(cost, rows, columns, row, column + 1));
  if (row + 1 < rows && column + 1 < columns) onward.push(cheapest(cost, rows, columns, row + 1, column + 1));
  return here + Math.min(...onward);
}

/** The least cost of any path that enters the rows at `starts`. */
function costThrough(cost: number[], columns: number, starts: Int32Array): number {
  let sum = 0;
  for (const [row, start] of starts.entries()) {
    const next = starts[row + 1];
    // A path leaves a row either below its last column or one column before the next row's start.
    const fullEnd = next ?? columns - 1;
    let part = 0;
    for (let column = start; column < fullEnd; column++) part += cost[row * columns + column]!;
    const last = cost[row * columns + fullEnd]!;
    const mayStop = next !== undefined && fullEnd > start;
    sum += part + (mayStop ? Math.min(0, last) : last);
  }
  return sum;
}

describe('pathStarts', () => {
  it('is as cheap as the best of all paths', () => {
    const matrix = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 })).chain(([rows, columns]) =>
      fc.record({
        rows: fc.constant(rows),
        columns: fc.constant(columns),
        cost: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: rows * columns, maxLength: rows * columns }),
      }),
    );
    fc.assert(
      fc.property(matrix, ({ rows, columns, cost }) => {
        const starts = pathStarts(Float32Array.from(cost), rows, columns);
        expect(starts[0]).toBe(0);
        expect(costThrough(cost, columns, starts)).toBe(cheapest(cost, rows, columns));
      }),
    );
  });
});

describe('alignTokens', () => {
  it('finds where each token is heard, and never goes back', () => {
    const [heads, tokens, columns, frames] = [3, 6, 80, 60];
    const heard = [0, 0, 4, 20, 38, 52];
    const scores = new Float32Array(heads * tokens * columns);
    for (let head = 0; head < heads; head++) {
      for (let token = 0; token < tokens; token++) {
        for (let column = 0; column < columns; column++) {
          // A ridge from where the token begins to where the next one does; columns past the audio shout, and must not matter.
          const inside = column >= heard[token]! && column < (heard[token + 1] ?? frames);
          scores[(head * tokens + token) * columns + column] = column >= frames ? 50 : inside ? 3 : 0;
        }
      }
    }
    const starts = alignTokens({ scores, heads, tokens, columns }, frames, 2, 6);
    expect(starts[0]).toBe(0);
    for (const [index, expected] of [20, 38, 52].entries()) expect(Math.abs(starts[index + 1]! - expected)).toBeLessThanOrEqual(4);
    expect([...starts]).toEqual([...starts].sort((a, b) => a - b));
  });

  it('bears a window of one frame and one token', () => {
    expect([...alignTokens({ scores: Float32Array.of(1, 2), heads: 1, tokens: 1, columns: 2 }, 1, 0, 1)]).toEqual([0]);
  });
});
