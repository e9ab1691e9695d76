import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeadLetter } from '../contracts/dead-letters.ts';
import { toDeadLetterPage } from './dead-letter-page.ts';

const letter = (at: number, second: number, kind: string): DeadLetter => ({
  jobId: `lec_${String(at).padStart(24, '0')}.00000000-0000-0000-0000-000000000000`,
  lectureId: `lec_${String(at).padStart(24, '0')}`,
  error: { kind, stage: 'embed', message: 'm' },
  cure: 'c',
  runs: 1,
  startedAt: '2026-11-20T10:00:00.000Z',
  closedAt: new Date(second * 1000).toISOString(),
});

describe('toDeadLetterPage', () => {
  it('counts all and gives every one once, whatever ended at the same moment', () => {
    const ended = array(record({ second: integer({ min: 0, max: 3 }), kind: constantFrom('internal', 'unavailable') }), { maxLength: 30 });
    assert(
      property(ended, integer({ min: 1, max: 7 }), (given, limit) => {
        const letters = given.map(({ second, kind }, at) => letter(at, second, kind));
        const seen: DeadLetter[] = [];
        let cursor: string | null | undefined;
        while (cursor !== null) {
          const page = toDeadLetterPage(letters, { limit, cursor });
          expect(page.total).toBe(letters.length);
          expect(page.byKind.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(letters.length);
          seen.push(...page.jobs);
          cursor = page.nextCursor;
        }
        expect(seen.map(({ jobId }) => jobId).toSorted()).toEqual(letters.map(({ jobId }) => jobId));
        expect(seen.map(({ closedAt }) => closedAt)).toEqual(
          letters
            .map(({ closedAt }) => closedAt)
            .toSorted()
            .toReversed(),
        );
      }),
    );
  });

  it('goes on behind one that has left the list', () => {
    const letters = [letter(1, 3, 'internal'), letter(2, 2, 'internal'), letter(3, 1, 'internal')];
    const { nextCursor } = toDeadLetterPage(letters, { limit: 2 });
    const rest = toDeadLetterPage([letters[0]!, letters[2]!], { limit: 2, cursor: nextCursor! });
    expect(rest.jobs).toEqual([letters[2]]);
  });

  it('refuses a cursor that is none', () => {
    expect(() => toDeadLetterPage([], { limit: 2, cursor: 'AAAA' })).toThrow(/cursor/);
  });
});
