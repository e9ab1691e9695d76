import { expect, it } from 'vitest';
import { createReport } from './piece-progress.ts';
import { planWindows, windowsOf } from './window-plan.ts';

const speech = Array.from({ length: 12 }, (_, index) => ({ startSeconds: 12 * index, endSeconds: 12 * index + 10 }));
const planned = planWindows(speech, 144 * 16_000);

it('ends at all of the piece, never goes back and never says more, wherever the piece is cut', () => {
  for (const piece of [
    { startSeconds: 0, endSeconds: 142 },
    { startSeconds: 12, endSeconds: 100 },
    { startSeconds: 31, endSeconds: 89 },
  ]) {
    const own = speech.reduce(
      (sum, span) => sum + Math.max(0, Math.min(span.endSeconds, piece.endSeconds) - Math.max(span.startSeconds, piece.startSeconds)),
      0,
    );
    const told: number[] = [];
    const windows = windowsOf(piece, planned);
    const report = createReport(windows, { speech, piece, onProgress: (seconds) => told.push(seconds) });
    for (const window of windows.toReversed()) report([window]);
    expect(told).toHaveLength(windows.length);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(own);
  }
});

it('counts a window once, though it is heard twice, and none that was not planned', () => {
  const told: number[] = [];
  const report = createReport(planned, { speech, onProgress: (seconds) => told.push(seconds) });
  const [first] = planned;
  report([first!]);
  report([first!]);
  report(planWindows(speech.slice(0, 1), 144 * 16_000));
  expect(new Set(told).size).toBe(1);
});
