import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Span } from '../../contracts/transcript.ts';
import { MAX_WINDOW_SECONDS, placeSegments, planWindows, spokenSeconds, windowSeconds, windowsOf } from './window-plan.ts';

const HOUR = 3600 * 16_000;

function spans(...parts: [number, number][]): Span[] {
  return parts.map(([startSeconds, endSeconds]) => ({ startSeconds, endSeconds }));
}

/** Ascending spans with gaps, in seconds. */
const anySpeech = fc
  .array(fc.tuple(fc.double({ min: 0, max: 8, noNaN: true }), fc.double({ min: 0.2, max: 40, noNaN: true })), { maxLength: 40 })
  .map((parts) => {
    let at = 0;
    return parts.map(([gap, length]): Span => {
      const startSeconds = at + gap;
      at = startSeconds + length;
      return { startSeconds, endSeconds: at };
    });
  });

describe('planWindows', () => {
  it('gives no window without speech', () => {
    expect(planWindows([], HOUR)).toEqual([]);
  });

  it('keeps a short pause and leaves a long one out', () => {
    const windows = planWindows(spans([1, 3], [4, 6], [20, 22]), HOUR);
    expect(windows).toEqual([
      {
        pieces: [
          { startSample: 16_000, endSample: 96_000 },
          { startSample: 320_000, endSample: 352_000 },
        ],
      },
    ]);
  });

  it('cuts at the pause, not at the last place that fits', () => {
    const windows = planWindows(spans([0, 10], [10, 20], [21, 28], [28, 40]), HOUR);
    expect(windows.map((window) => window.pieces.at(-1)!.endSample / 16_000)).toEqual([20, 40]);
  });

  it('holds all speech once, in order, in windows of at most 30 seconds', () => {
    fc.assert(
      fc.property(anySpeech, (speech) => {
        const windows = planWindows(speech, HOUR);
        const pieces = windows.flatMap((window) => window.pieces);
        for (const window of windows) expect(windowSeconds(window)).toBeLessThanOrEqual(MAX_WINDOW_SECONDS + 1e-9);
        for (const [index, piece] of pieces.entries()) {
          expect(piece.endSample).toBeGreaterThan(piece.startSample);
          expect(piece.startSample).toBeGreaterThanOrEqual(pieces[index - 1]?.endSample ?? 0);
        }
        for (const span of speech) {
          const first = Math.round(span.startSeconds * 16_000);
          const end = Math.round(span.endSeconds * 16_000);
          const held = pieces.reduce(
            (sum, piece) => sum + Math.max(0, Math.min(end, piece.endSample) - Math.max(first, piece.startSample)),
            0,
          );
          expect(held).toBe(end - first);
        }
      }),
    );
  });
});

describe('windowsOf', () => {
  it('gives each window to one piece, wherever the recording is cut', () => {
    fc.assert(
      fc.property(anySpeech, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }), (speech, cuts) => {
        const windows = planWindows(speech, HOUR);
        const end = speech.at(-1)?.endSeconds ?? 0;
        const edges = [0, ...cuts.map((share) => share * end).toSorted((a, b) => a - b), end];
        const pieces = edges.slice(1).map((endSeconds, index) => ({ startSeconds: edges[index]!, endSeconds }));
        expect(pieces.flatMap((piece) => windowsOf(piece, windows))).toEqual(windows);
      }),
    );
  });
});

describe('spokenSeconds', () => {
  it('adds up to the speech, pauses inside windows left out', () => {
    const speech = spans([1, 3], [4, 6], [20, 22]);
    expect(planWindows(speech, HOUR).map((window) => [windowSeconds(window), spokenSeconds(window, speech)])).toEqual([[7, 6]]);
    fc.assert(
      fc.property(anySpeech, (any) => {
        const done = planWindows(any, HOUR).reduce((sum, window) => sum + spokenSeconds(window, any), 0);
        expect(done).toBeCloseTo(
          any.reduce((sum, span) => sum + span.endSeconds - span.startSeconds, 0),
          2,
        );
      }),
    );
  });
});

describe('placeSegments', () => {
  const window = {
    pieces: [
      { startSample: 16_000, endSample: 48_000 },
      { startSample: 160_000, endSample: 192_000 },
    ],
  };

  function place(...times: [number, number][]): unknown {
    const words = times.map(([startSeconds, endSeconds]) => ({ text: 'word', startSeconds, endSeconds, confidence: 1 }));
    const segment = { startSeconds: 0, endSeconds: 4, words, averageLogProbability: 0, noSpeechProbability: 0, temperature: 0 };
    const [placed] = placeSegments(window, [segment]);
    return [placed!.startSeconds, placed!.words.map((word) => [word.startSeconds, word.endSeconds]), placed!.endSeconds];
  }

  it('moves words to where their piece lies', () => {
    expect(place([0.5, 1], [2.5, 3])).toEqual([
      1.5,
      [
        [1.5, 2],
        [10.5, 11],
      ],
      11,
    ]);
  });

  it('keeps both ends of a word in the piece of its middle', () => {
    expect(place([1.5, 2.1], [1.9, 2.5])).toEqual([
      2.5,
      [
        [2.5, 3],
        [10, 10.5],
      ],
      10.5,
    ]);
  });

  it('never passes the end of the window', () => {
    expect(place([3.5, 9])).toEqual([11.5, [[11.5, 12]], 12]);
  });
});
