import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { TopK } from './top-k.ts';

it('keeps what sorting everything would keep', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 })), fc.integer({ min: 0, max: 12 }), (scores, limit) => {
      const top = new TopK(limit);
      for (const [id, score] of scores.entries()) top.offer(id, score);
      const sorted = scores.map((score, id) => ({ id, score })).sort((a, b) => b.score - a.score || a.id - b.id);
      expect(top.take()).toEqual(sorted.slice(0, limit));
    }),
  );
});
