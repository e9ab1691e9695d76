import { describe, expect, it } from 'vitest';
import { createPool } from './engine-pool.ts';

describe('createPool', () => {
  it('lets each item do one thing at a time, in order, and goes on after a failure', async () => {
    const pool = createPool(['a', 'b']);
    const busy = new Set<string>();
    const finished: number[] = [];
    const jobs = Array.from({ length: 9 }, (_, job) =>
      pool.use(async (item) => {
        expect(busy.has(item)).toBe(false);
        busy.add(item);
        await new Promise((resolve) => setTimeout(resolve, 1));
        busy.delete(item);
        finished.push(job);
        if (job === 2) throw new Error('no luck');
        return item;
      }),
    );
    const results = await Promise.allSettled(jobs);
    expect(results.filter((result) => result.status === 'rejected')).toHaveLength(1);
    expect(finished.toSorted((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
