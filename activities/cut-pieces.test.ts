import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Span } from '../contracts/transcript.ts';
import { clipSpans, cutPieces } from './cut-pieces.ts';

const PIECE = 300;

/** Speech as a detector gives it: ascending spans with pauses of at least 0.1 s. */
const speech = fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 2, max: 9_000 })), { maxLength: 60 }).map((parts) => {
  let at = 0;
  return parts.map(([pause, length]): Span => {
    const startSeconds = at + pause / 10;
    at = startSeconds + length / 10;
    return { startSeconds, endSeconds: at };
  });
});

const seconds = (spans: readonly Span[]) => spans.reduce((sum, span) => sum + span.endSeconds - span.startSeconds, 0);

describe('cutPieces', () => {
  it('has no piece where nobody speaks', () => {
    expect(cutPieces([], PIECE)).toEqual([]);
  });

  it('leaves a short recording whole', () => {
    expect(cutPieces([{ startSeconds: 0.4, endSeconds: 1 }], PIECE)).toEqual([{ startSeconds: 0.4, endSeconds: 1 }]);
  });

  it('cuts in the pause that is near an even share', () => {
    const spans = [
      { startSeconds: 0, endSeconds: 280 },
      { startSeconds: 282, endSeconds: 600 },
    ];
    expect(cutPieces(spans, PIECE)).toEqual([
      { startSeconds: 0, endSeconds: 280 },
      { startSeconds: 282, endSeconds: 600 },
    ]);
  });

  it('prefers a long pause to the nearest one, and of long ones the nearest', () => {
    const spans = [
      { startSeconds: 0, endSeconds: 280 },
      { startSeconds: 280, endSeconds: 310 },
      { startSeconds: 314, endSeconds: 330 },
      { startSeconds: 340, endSeconds: 600 },
    ];
    expect(cutPieces(spans, PIECE)).toEqual([
      { startSeconds: 0, endSeconds: 310 },
      { startSeconds: 314, endSeconds: 600 },
    ]);
  });

  it('cuts through speech that never pauses', () => {
    expect(cutPieces([{ startSeconds: 10, endSeconds: 910 }], PIECE)).toEqual([
      { startSeconds: 10, endSeconds: 310 },
      { startSeconds: 310, endSeconds: 610 },
      { startSeconds: 610, endSeconds: 910 },
    ]);
  });

  it('covers all speech once, in order, in even shares', () => {
    fc.assert(
      fc.property(speech, (spans) => {
        const pieces = cutPieces(spans, PIECE);
        const edges = pieces.flatMap((piece) => [piece.startSeconds, piece.endSeconds]);
        expect(edges).toEqual(edges.toSorted((a, b) => a - b));
        expect(pieces.every((piece) => piece.endSeconds > piece.startSeconds)).toBe(true);
        const held = pieces.map((piece) => seconds(clipSpans(spans, piece)));
        expect(held.reduce((sum, part) => sum + part, 0)).toBeCloseTo(seconds(spans), 4);
        const share = seconds(spans) / pieces.length;
        // Two cuts may each stray by a fifth of a share.
        for (const part of held) expect(Math.abs(part - share)).toBeLessThanOrEqual(0.4 * share + 1e-6);
      }),
    );
  });
});
