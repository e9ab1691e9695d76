import { expect, test } from 'vitest';
import { createAttentionLog } from './attention-log.ts';

const HEADS = 2;
const COLUMNS = 3;

/** Scores of `tokens` that rows read: 100 x the row's number + 10 x the head + the token, in every column. */
function read(rows: readonly number[], tokens: readonly number[]): { data: Float32Array; dims: number[] } {
  const heads = Array.from({ length: HEADS }, (_, head) => head);
  const values = rows.flatMap((row) =>
    heads.flatMap((head) => tokens.flatMap((token) => Array(COLUMNS).fill(100 * row + 10 * head + token))),
  );
  return { data: Float32Array.from(values), dims: [rows.length, HEADS, tokens.length, COLUMNS] };
}

function firstColumn({ scores, tokens }: { scores: Float32Array; tokens: number }): number[][] {
  return Array.from({ length: HEADS }, (_, head) =>
    Array.from({ length: tokens }, (__, token) => scores[(head * tokens + token) * COLUMNS]!),
  );
}

test('each window keeps what it read, whichever rows have ended or moved', () => {
  const log = createAttentionLog(3);
  log.add(read([0, 1, 2], [0, 1]));
  log.add(read([0, 1, 2], [2]));
  log.keep([2, 0]);
  log.add(read([2, 0], [3]));
  log.keep([1]);
  log.add(read([0], [4]));
  expect(firstColumn(log.of(0))).toEqual([
    [0, 1, 2, 3, 4],
    [10, 11, 12, 13, 14],
  ]);
  expect(firstColumn(log.of(1))).toEqual([
    [100, 101, 102],
    [110, 111, 112],
  ]);
  expect(firstColumn(log.of(2))[1]).toEqual([210, 211, 212, 213]);
  expect(log.of(2)).toMatchObject({ heads: HEADS, tokens: 4, columns: COLUMNS });
});
