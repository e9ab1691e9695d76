import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TranscriptSchema, type Diarization, type SpeakerTurn, type Transcription, type Transcript } from '../contracts/transcript.ts';
import { alignSpeakers } from './align.ts';

type Heard = [text: string, startSeconds: number, endSeconds: number];

function transcription(words: readonly Heard[]): Transcription {
  return {
    language: 'en',
    languageProbability: 1,
    durationSeconds: 100,
    segments: words.map(([text, startSeconds, endSeconds]) => ({
      startSeconds,
      endSeconds,
      words: [{ text, startSeconds, endSeconds, confidence: 0.9 }],
      averageLogProbability: -0.2,
      noSpeechProbability: 0,
      temperature: 0,
    })),
  };
}

function diarization(turns: readonly [speaker: string, startSeconds: number, endSeconds: number][]): Diarization {
  const exclusiveTurns = turns.map(([speaker, startSeconds, endSeconds]): SpeakerTurn => ({ speaker, startSeconds, endSeconds }));
  return { speakers: [...new Set(turns.map(([speaker]) => speaker))], turns: exclusiveTurns, exclusiveTurns };
}

function spoken(transcript: Transcript): [string, string | null, string][] {
  return transcript.turns.flatMap((turn) =>
    turn.words.map((word): [string, string | null, string] => [word.text, word.speaker, word.speakerSource]),
  );
}

describe('a word', () => {
  test('goes to the speaker with the largest overlap in all', () => {
    const turns = diarization([
      ['S1', 0, 1.2],
      ['S2', 1.2, 1.55],
      ['S1', 1.55, 3],
    ]);
    expect(spoken(alignSpeakers(transcription([['between', 1, 1.8]]), turns))).toEqual([['between', 'S1', 'overlap']]);
  });

  test('outside every turn goes to the nearest edge within half a second, else to nobody', () => {
    const turns = diarization([
      ['S1', 0, 1],
      ['S2', 4, 5],
    ]);
    const heard = transcription([
      ['near.', 1.3, 1.5],
      ['far.', 2.2, 2.6],
      ['early.', 3.4, 3.6],
    ]);
    expect(spoken(alignSpeakers(heard, turns))).toEqual([
      ['near.', 'S1', 'nearest'],
      ['far.', null, 'unknown'],
      ['early.', 'S2', 'nearest'],
    ]);
  });

  test('stretched over a pause belongs to who began it', () => {
    const turns = diarization([
      ['S1', 0, 1.4],
      ['S2', 1.6, 9],
    ]);
    expect(spoken(alignSpeakers(transcription([['so', 0.5, 5]]), turns))).toEqual([['so', 'S1', 'overlap']]);
  });

  test('without length is placed too', () => {
    expect(spoken(alignSpeakers(transcription([['a', 2, 2]]), diarization([['S1', 1, 3]])))[0]?.[1]).toBe('S1');
  });
});

describe('a sentence', () => {
  test('takes back the words that the edge of a turn gave away', () => {
    const turns = diarization([
      ['S1', 0, 2.1],
      ['S2', 2.1, 6],
    ]);
    const heard = transcription([
      ['Thank', 0.5, 0.9],
      ['you', 1, 1.3],
      ['very', 1.4, 2],
      ['much.', 2.15, 2.4],
      ['Welcome.', 3, 3.6],
    ]);
    expect(spoken(alignSpeakers(heard, turns))).toEqual([
      ['Thank', 'S1', 'overlap'],
      ['you', 'S1', 'overlap'],
      ['very', 'S1', 'overlap'],
      ['much.', 'S1', 'smoothed'],
      ['Welcome.', 'S2', 'overlap'],
    ]);
  });

  test('leaves a confident run of a second to the other speaker', () => {
    const turns = diarization([
      ['S1', 0, 3],
      ['S2', 3, 5],
    ]);
    const heard = transcription([
      ['one', 0, 0.5],
      ['two', 1, 1.5],
      ['three', 2, 2.5],
      ['no', 3.1, 3.4],
      ['four', 3.9, 4.4],
    ]);
    expect(spoken(alignSpeakers(heard, turns)).map(([, speaker]) => speaker)).toEqual(['S1', 'S1', 'S1', 'S2', 'S2']);
  });

  test('without a majority is left as it is', () => {
    const turns = diarization([
      ['S1', 0, 1],
      ['S2', 1, 2],
    ]);
    const heard = transcription([
      ['yes', 0.6, 0.8],
      ['no', 1.2, 1.4],
    ]);
    expect(spoken(alignSpeakers(heard, turns)).map(([, speaker]) => speaker)).toEqual(['S1', 'S2']);
  });
});

test('without a diarization every word is kept, of unknown speakers', () => {
  const transcript = alignSpeakers(transcription([['a', 0, 1]]), null);
  expect(transcript.speakers).toEqual([]);
  expect(spoken(transcript)).toEqual([['a', null, 'unknown']]);
});

test('no words, no turns', () => {
  expect(alignSpeakers(transcription([]), diarization([['S1', 0, 9]])).turns).toEqual([]);
});

const times = fc.integer({ min: 0, max: 1000 }).map((value) => value / 10);
const anyWords = fc.array(
  fc
    .tuple(fc.constantFrom('a', 'word', 'end.', 'why?', '好。'), times, fc.integer({ min: 0, max: 50 }))
    .map(([text, start, length]): Heard => [text, start, start + length / 10]),
);
const anyTurns = fc
  .array(fc.tuple(fc.constantFrom('S1', 'S2', 'S3'), times), { maxLength: 12 })
  .map((starts) => starts.toSorted((a, b) => a[1] - b[1]))
  .map((starts) =>
    starts.map(([speaker, start], index): [string, number, number] => [speaker, start, Math.min(start + 6, starts[index + 1]?.[1] ?? 100)]),
  );

test('every word is kept once, in order of time, in turns that change speakers', () => {
  fc.assert(
    fc.property(anyWords, anyTurns, (words, turns) => {
      const transcript = alignSpeakers(transcription(words), diarization(turns));
      expect(TranscriptSchema.safeParse(transcript).success).toBe(true);
      const kept = transcript.turns.flatMap((turn) => turn.words);
      expect(kept.map((word) => word.text).toSorted()).toEqual(words.map(([text]) => text).toSorted());
      expect(kept.map((word) => word.startSeconds)).toEqual(words.map(([, start]) => start).toSorted((a, b) => a - b));
      for (const [index, turn] of transcript.turns.entries()) {
        expect(turn.speaker).not.toBe(transcript.turns[index - 1]?.speaker);
        for (const word of turn.words) {
          expect(word.speaker).toBe(turn.speaker);
          expect(word.speaker === null).toBe(word.speakerSource === 'unknown');
        }
      }
    }),
  );
});
