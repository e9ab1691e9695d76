import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toSubRip } from './sub-rip.ts';
import { anyTranscript, spoken, transcriptOf } from './transcript.fixture.ts';

test('blocks are numbered, timed, and safe from tags', () => {
  fc.assert(
    fc.property(anyTranscript, (transcript) => {
      const file = toSubRip(transcript, { S1: 'Ines <i>' });
      expect(file === '').toBe(transcript.turns.length === 0);
      file
        .split(/\n\n/)
        .filter((block) => block !== '')
        .forEach((block, index) => {
          const [number, times, ...lines] = block.replace(/\n$/, '').split('\n');
          expect(number).toBe(String(index + 1));
          expect(times).toMatch(/^\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}$/);
          expect(lines.length).toBeGreaterThan(0);
          expect(lines.length).toBeLessThanOrEqual(2);
          expect(lines.join('')).not.toMatch(/[<>]/);
        });
    }),
  );
});

test('the first cue of a turn names the speaker', () => {
  expect(toSubRip(transcriptOf(spoken('Why three?', 'S2', 3661.25)), { S2: 'Tom' })).toBe(
    '1\n01:01:01,250 --> 01:01:02,250\nTom: Why three?\n',
  );
});
