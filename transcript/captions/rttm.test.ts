import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toRttm } from './rttm.ts';

test('parsed back, known turns keep their times to the millisecond', () => {
  const time = fc.double({ min: 0, max: 20_000, noNaN: true });
  const turns = fc.array(
    fc.record({ startSeconds: time, length: fc.double({ min: 0, max: 100, noNaN: true }), speaker: fc.constantFrom('S1', 'S 2', null) }),
  );
  fc.assert(
    fc.property(turns, (drafts) => {
      const given = drafts.map(({ startSeconds, length, speaker }) => ({ startSeconds, endSeconds: startSeconds + length, speaker }));
      const lines = toRttm(given, 'lec_1').split('\n').slice(0, -1);
      const kept = given.filter(
        ({ speaker, startSeconds, endSeconds }) => speaker !== null && Math.round(endSeconds * 1000) > Math.round(startSeconds * 1000),
      );
      expect(lines).toHaveLength(kept.length);
      lines.forEach((line, index) => {
        const fields = line.split(' ');
        expect(fields).toHaveLength(10);
        expect(fields[0]).toBe('SPEAKER');
        expect(Number(fields[3])).toBeCloseTo(kept[index]?.startSeconds ?? NaN, 2);
        expect(Number(fields[3]) + Number(fields[4])).toBeCloseTo(kept[index]?.endSeconds ?? NaN, 2);
        expect(fields[7]).toBe(kept[index]?.speaker?.replace(' ', '_'));
      });
    }),
  );
});
