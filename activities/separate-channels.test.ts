import { expect, test } from 'vitest';
import { mayBeSpeakers } from './separate-channels.ts';

test.each([
  ['two people on the phone', 0.49, 0.48, true],
  ['one who talks and one who says yes', 0.9, 0.03, true],
  ['a voice in front of two microphones', 0.01, 0.02, false],
  ['one channel dead', 1, 0, false],
  ['music that moves a little', 0.1, 0.15, false],
])('%s', (_, leftShare, rightShare, expected) => {
  expect(mayBeSpeakers({ correlation: 0, leftShare, rightShare })).toBe(expected);
});
