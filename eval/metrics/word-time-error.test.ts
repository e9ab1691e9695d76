import { expect, test } from 'vitest';
import { measureWordTimes, summarizeWordTimes } from './word-time-error.ts';

const word = (text: string, startSeconds: number, endSeconds: number): { text: string; startSeconds: number; endSeconds: number } => ({
  text,
  startSeconds,
  endSeconds,
});

test('only words heard right have an error of time', () => {
  const said = [word('Good', 0, 0.5), word('morning,', 0.5, 1), word('class.', 1.25, 2)];
  const heard = [word('good', 0.125, 0.5), word('mourning', 0.5, 1), word('class', 1, 2.5)];
  expect(measureWordTimes(said, heard, 'en')).toEqual({
    startSeconds: [0.125, 0.25],
    endSeconds: [0, 0.5],
    referenceWords: 3,
    foundWords: 3,
  });
});

test('recordings are pooled; an edge too far out puts the word out', () => {
  const summary = summarizeWordTimes([
    { startSeconds: [0.05, 0.15], endSeconds: [0.05, 0.05], referenceWords: 2, foundWords: 2 },
    { startSeconds: [0.01, 0.3], endSeconds: [0.5, 0], referenceWords: 3, foundWords: 5 },
  ]);
  expect(summary).toMatchObject({ words: 4, medianStartSeconds: 0.05, medianEndSeconds: 0.05, within100ms: 0.25, within200ms: 0.5 });
  // Twelve words on both sides: one pair within 0.05 s, another within 0.2 s.
  expect(summary).toMatchObject({ f1At50ms: 1 / 6, f1At100ms: 1 / 6, f1At200ms: 1 / 3 });
  expect(summary?.meanAbsoluteSeconds).toBeCloseTo((0.05 + 0.15 + 0.01 + 0.3 + 0.05 + 0.05 + 0.5) / 8);
  expect(summarizeWordTimes([measureWordTimes([], [], 'en')])).toBeNull();
});
