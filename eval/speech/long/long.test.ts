import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planRecording } from './plan-recording.ts';
import { recordProgress } from './progress-record.ts';
import { assignWords, placementsOf, voiceOf } from './score-long.ts';
import { compareWords, moveCuts } from './seams.ts';

const speech = [
  { file: 'a.wav', samples: 160_000 },
  { file: 'b.wav', samples: 320_000 },
];
const noise = [{ file: 'n.wav', samples: 64_000 }];

test('a plan covers its time without holes, speech whole and never without a gap of a second beside it, each source as often', () => {
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 600 }), fc.nat(1000), (seconds, seed) => {
      const parts = planRecording(speech, noise, seconds, seed);
      expect(planRecording(speech, noise, seconds, seed)).toEqual(parts);
      let end = 0;
      for (const [index, part] of parts.entries()) {
        expect(part.startSample).toBe(end);
        expect(part.kind).toBe(index % 2 === 0 ? 'gap' : 'speech');
        const source = [...speech, ...noise].find(({ file }) => file === part.source);
        expect(part.fromSample + part.samples).toBeLessThanOrEqual(source?.samples ?? Infinity);
        expect(part.samples).toBeGreaterThanOrEqual(16_000);
        end += part.samples;
      }
      expect(end / 16_000).toBeGreaterThanOrEqual(seconds);
      const times = (file: string): number => parts.filter(({ source }) => source === file).length;
      expect(Math.abs(times('a.wav') - times('b.wav'))).toBeLessThanOrEqual(1);
    }),
  );
});

const word = (text: string, startSeconds: number): { text: string; startSeconds: number; endSeconds: number } => ({
  text,
  startSeconds,
  endSeconds: startSeconds + 0.5,
});

test('a word is in the recording around its middle, else in a gap', () => {
  const placements = placementsOf([
    { kind: 'gap', source: null, fromSample: 0, startSample: 0, samples: 16_000 },
    { kind: 'speech', source: 'a.wav', fromSample: 0, startSample: 16_000, samples: 32_000 },
    { kind: 'gap', source: 'n.wav', fromSample: 0, startSample: 48_000, samples: 64_000 },
    { kind: 'speech', source: 'b.wav', fromSample: 0, startSample: 112_000, samples: 16_000 },
  ]);
  expect(placements.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds])).toEqual([
    [1, 3],
    [7, 8],
  ]);
  const { within, inGaps } = assignWords(placements, [word('first', 0.5), word('last', 3), word('thanks', 5), word('next', 7)]);
  expect(within.map((words) => words.map(({ text }) => text))).toEqual([['first', 'last'], ['next']]);
  expect(inGaps.map(({ text }) => text)).toEqual(['thanks']);
});

test('words that one run lost, added or changed are counted, lost ones near a cut apart', () => {
  const expected = ['parity', 'bits', 'are', 'even', 'always', 'now'].map((text, index) => word(text, index * 10));
  const found = [word('parity', 0), word('are', 20), word('odd', 30), word('Always', 40), word('now.', 50), word('Amen', 51)];
  expect(compareWords(expected, found, 'en', [14])).toEqual({
    words: 6,
    lost: 1,
    added: 1,
    changed: 1,
    lostNearCuts: 1,
    lostAtSeconds: [10],
  });
  expect(compareWords(expected, found, 'en', [40])).toMatchObject({ lost: 1, lostNearCuts: 0 });
});

test('cuts move to another pause, and pieces still hold all speech', () => {
  const spans = [0, 10, 20, 30].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 8 }));
  const pieces = [
    { startSeconds: 0, endSeconds: 8 },
    { startSeconds: 10, endSeconds: 38 },
  ];
  expect(moveCuts(pieces, spans, 5)).toEqual([
    { startSeconds: 0, endSeconds: 18 },
    { startSeconds: 20, endSeconds: 38 },
  ]);
  expect(
    moveCuts(
      [
        { startSeconds: 0, endSeconds: 28 },
        { startSeconds: 30, endSeconds: 38 },
      ],
      spans,
      5,
    )[0]?.endSeconds,
  ).toBe(28);
});

test('a progress that jumps ahead or back is found out', () => {
  let now = 0;
  const progress = recordProgress(() => now);
  for (const [at, share] of [
    [25, 0.75],
    [50, 0.5],
    [75, 0.75],
    [100, 1],
  ] as const) {
    now = at;
    progress.report(share);
  }
  expect(progress.judge()).toEqual({ reports: 4, wentBack: 1, largestLead: 0.5, lastShare: 1 });
});

test('a reader is known by name in files and in turns', () => {
  expect([voiceOf('asr/librispeech/1688-142285-0001.flac'), voiceOf('spk1688')]).toEqual(['1688', '1688']);
});
