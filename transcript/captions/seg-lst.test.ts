import { assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { toSegLst } from './seg-lst.ts';
import { anyTranscript, spoken, transcriptOf } from './transcript.fixture.ts';

test('a turn a segment, to the millisecond, nobody known as a speaker of its own', () => {
  const written = JSON.parse(toSegLst(transcriptOf(spoken('So it is.', null, 1.25)), 'lec_1')) as unknown;
  expect(written).toEqual([{ session_id: 'lec_1', speaker: 'unknown', start_time: 1.25, end_time: 2.65, words: 'So it is.' }]);
});

test('parsed back, every turn is there with its words', () => {
  assert(
    property(anyTranscript, (transcript) => {
      const segments = JSON.parse(toSegLst(transcript, 'lec_1')) as { words: string; start_time: number; end_time: number }[];
      expect(segments).toHaveLength(transcript.turns.length);
      for (const [index, { words, start_time, end_time }] of segments.entries()) {
        const turn = transcript.turns[index]!;
        expect(words.replaceAll(' ', '')).toBe(turn.words.map(({ text }) => text.replaceAll(' ', '')).join(''));
        expect(start_time).toBeCloseTo(turn.startSeconds, 2);
        expect(end_time).toBeCloseTo(turn.endSeconds, 2);
      }
    }),
  );
});
