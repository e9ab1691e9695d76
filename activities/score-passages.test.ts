import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanQuality, scorePassages, type JudgedPassage } from './score-passages.ts';

const LECTURE = 'lec_0123456789abcdef01234567';
const passage = (minute: number, text = ''): JudgedPassage => ({
  lectureId: LECTURE,
  title: 'Codes',
  startSeconds: minute * 60,
  endSeconds: minute * 60 + 60,
  text,
});
const place = (minute: number, recording = LECTURE) => ({ recording, startSeconds: minute * 60 + 10, endSeconds: minute * 60 + 20 });

describe('scorePassages', () => {
  it('is 1 where the first passage answers, and falls with its rank', () => {
    expect(scorePassages([place(3)], [passage(3), passage(4)])).toEqual({ ndcg10: 1, hitRate: 1 });
    expect(scorePassages([place(3)], [passage(4), passage(3)]).ndcg10).toBeCloseTo(1 / Math.log2(3));
    expect(scorePassages([place(3)], [passage(4)])).toEqual({ ndcg10: 0, hitRate: 0 });
  });

  it('looks at ten passages', () => {
    const others = Array.from({ length: 10 }, () => passage(9));
    expect(scorePassages([place(3)], [...others, passage(3)]).hitRate).toBe(0);
  });

  it('knows a lecture by its id and title, and words wherever they are said', () => {
    expect(scorePassages([place(3, 'Codes')], [passage(3)]).hitRate).toBe(1);
    expect(scorePassages([place(3, 'Cells')], [passage(3)]).hitRate).toBe(0);
    expect(scorePassages(['a Parity, bit!'], [passage(7, 'What a parity bit does.')]).hitRate).toBe(1);
    expect(scorePassages(['parity'], [passage(7, 'Disparity.')]).hitRate).toBe(0);
  });

  it('does not gain or lose by how places fall into passages', () => {
    expect(scorePassages([place(3), place(3)], [passage(3)]).ndcg10).toBe(1);
    expect(scorePassages([place(3), place(4)], [passage(3), passage(4)]).ndcg10).toBe(1);
    expect(scorePassages([place(3), place(4)], [passage(3)]).ndcg10).toBeLessThan(1);
  });

  it('stays between 0 and 1, and means do too', () => {
    const minutes = array(integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 14 });
    assert(
      property(minutes, minutes, (asked, found) => {
        const score = scorePassages(
          asked.map((minute) => place(minute)),
          found.map((minute) => passage(minute)),
        );
        for (const value of Object.values(meanQuality([score, { ndcg10: 1, hitRate: 1 }]))) {
          expect(value).toBeGreaterThanOrEqual(0.5);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });
});
