import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Segment, Span } from '../../contracts/transcript.ts';
import { findUnheardSpeech, mergeHearings } from './unheard-speech.ts';

function spans(...parts: [number, number][]): Span[] {
  return parts.map(([startSeconds, endSeconds]) => ({ startSeconds, endSeconds }));
}

/** A segment of words half a second long at these times. */
function segment(...words: [text: string, startSeconds: number][]): Segment {
  const timed = words.map(([text, startSeconds]) => ({ text, startSeconds, endSeconds: startSeconds + 0.5, confidence: 1 }));
  const [first, last] = [timed[0]!, timed.at(-1)!];
  return {
    startSeconds: first.startSeconds,
    endSeconds: last.endSeconds,
    words: timed,
    averageLogProbability: -0.2,
    noSpeechProbability: 0,
    temperature: 0,
  };
}

/** Ascending, not overlapping. */
const anySpans = fc
  .array(fc.tuple(fc.double({ min: 0, max: 3, noNaN: true }), fc.double({ min: 0.01, max: 4, noNaN: true })), { maxLength: 12 })
  .map((parts) => {
    let at = 0;
    return parts.map(([gap, length]): Span => {
      const startSeconds = at + gap;
      at = startSeconds + length;
      return { startSeconds, endSeconds: at };
    });
  });

function overlap(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.endSeconds, b.endSeconds) - Math.max(a.startSeconds, b.startSeconds));
}

describe('findUnheardSpeech', () => {
  it('finds the second speaker at the end', () => {
    expect(findUnheardSpeech(spans([0, 7.7], [8.2, 10]), spans([0.2, 3], [3, 7.1]))).toEqual([spans([7.1, 7.7], [8.2, 10])]);
  });

  it('finds a hole in the middle and one before the first word', () => {
    expect(findUnheardSpeech(spans([0, 10]), spans([2, 4], [7, 9.9]))).toEqual([spans([0, 2]), spans([4, 7])]);
  });

  it('takes silence, a pause in speech and the room after the last word for what they are', () => {
    expect(findUnheardSpeech(spans([0, 3.4], [9, 12]), spans([0.4, 3], [9.4, 11.3]))).toEqual([]);
  });

  it('leaves a window alone in which nobody was heard', () => {
    expect(findUnheardSpeech(spans([0, 20]), [])).toEqual([]);
  });

  it('gives only speech, only outside words, each gap once and long enough, and leaves out none that is', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (speech, words) => {
        const gaps = findUnheardSpeech(speech, words);
        const all = gaps.flat();
        for (const [index, span] of all.entries()) {
          expect(span.startSeconds).toBeGreaterThanOrEqual(all[index - 1]?.endSeconds ?? 0);
          expect(speech.some((other) => other.startSeconds <= span.startSeconds && span.endSeconds <= other.endSeconds)).toBe(true);
          expect(words.every((word) => overlap(word, span) === 0)).toBe(true);
        }
        const secondsOf = (list: readonly Span[]): number => list.reduce((sum, span) => sum + span.endSeconds - span.startSeconds, 0);
        for (const gap of gaps) expect(secondsOf(gap)).toBeGreaterThanOrEqual(1);
        // What is left lies in pieces too short to say anything, one before, between or after each word.
        const left =
          secondsOf(speech) -
          secondsOf(all) -
          speech.flatMap((span) => words.map((word) => overlap(span, word))).reduce((a, b) => a + b, 0);
        expect(left).toBeLessThan(words.length === 0 ? Number.POSITIVE_INFINITY : (words.length + 1) * 1.4);
      }),
    );
  });

  it('finds nothing more once its gaps are heard', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (speech, words) => {
        const heard = [...words, ...findUnheardSpeech(speech, words).flat()].toSorted((a, b) => a.startSeconds - b.startSeconds);
        expect(findUnheardSpeech(speech, heard)).toEqual([]);
      }),
    );
  });
});

describe('mergeHearings', () => {
  it('puts segments in their place, without words that the edge of a gap cut in two', () => {
    const first = [segment(['We', 1], ['agree.', 1.5]), segment(['Next', 6], ['slide.', 6.5])];
    const second = [segment(['agree', 2.1], ['Excuse', 3], ['me', 3.5], ['next', 5.6])];
    const merged = mergeHearings(first, second);
    expect(merged.map(({ words }) => words.map((word) => word.text).join(' '))).toEqual(['We agree.', 'Excuse me', 'Next slide.']);
    expect(merged[1]).toMatchObject({ startSeconds: 3, endSeconds: 4 });
  });

  it('keeps a word that is said again, and drops a segment that holds nothing new', () => {
    const first = [segment(['no', 1])];
    expect(mergeHearings(first, [segment(['No', 4])])).toHaveLength(2);
    expect(mergeHearings(first, [segment(['no', 1.6])])).toEqual(first);
  });

  it('believes a second hearing only where it is sure: laughter gives words too', () => {
    const first = [segment(['no', 1])];
    expect(mergeHearings(first, [{ ...segment(['Bye.', 4]), averageLogProbability: -0.8 }])).toEqual(first);
    expect(mergeHearings(first, [{ ...segment(['Bye.', 4]), temperature: 0.4 }])).toEqual(first);
  });
});
