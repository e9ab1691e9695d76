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

  test('is not torn apart by one word that was stretched over a pause', () => {
    const turns = diarization([
      ['S1', 0, 3],
      ['S2', 3.3, 3.6],
      ['S1', 4.6, 9],
    ]);
    const heard = transcription([
      ['one', 0, 0.5],
      ['two', 1, 1.5],
      ['three', 2, 2.5],
      ['four', 3.3, 5.9],
      ['five', 6, 6.4],
    ]);
    expect(spoken(alignSpeakers(heard, turns))[3]).toEqual(['four', 'S1', 'smoothed']);
  });

  test('goes on after an abbreviation', () => {
    const turns = diarization([
      ['S1', 0, 1.4],
      ['S2', 1.4, 1.9],
      ['S1', 1.9, 4],
    ]);
    const heard = transcription([
      ['Ask', 0.5, 0.9],
      ['Dr.', 1, 1.3],
      ['Noether', 1.45, 1.85],
      ['about', 2, 2.4],
      ['it.', 2.5, 2.7],
    ]);
    expect(spoken(alignSpeakers(heard, turns))[2]).toEqual(['Noether', 'S1', 'smoothed']);
  });

  test('of more than 50 words is smoothed in pieces', () => {
    const turns = diarization([
      ['S1', 0, 24.95],
      ['S2', 24.95, 40],
    ]);
    // 100 words without a full stop: the second half is another person's, and stays so but for a word.
    const heard = transcription(Array.from({ length: 80 }, (_, index): Heard => ['word', index / 2, index / 2 + 0.4]));
    const speakers = spoken(alignSpeakers(heard, turns)).map(([, speaker]) => speaker);
    expect(speakers.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => 'S1'));
    expect(speakers.slice(50)).toEqual(Array.from({ length: 30 }, () => 'S2'));
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

/** The rule in its plainest form: every turn looked at for every word. */
function expectedDecision(
  [text, start, end]: Heard,
  turns: readonly SpeakerTurn[],
): { speaker: string | null; source: string; overlapSeconds: number } {
  const until = Math.min(end, start + Math.max(1.2, text.length * 0.15));
  const seconds = new Map<string, number>();
  let nearest: SpeakerTurn | undefined;
  const gap = (turn: SpeakerTurn): number => Math.max(turn.startSeconds - until, start - turn.endSeconds, 0);
  for (const turn of turns) {
    const overlap = Math.min(until, turn.endSeconds) - Math.max(start, turn.startSeconds);
    if (overlap > 0) seconds.set(turn.speaker, (seconds.get(turn.speaker) ?? 0) + overlap);
    if (gap(turn) <= 0.5 && (nearest === undefined || gap(turn) < gap(nearest))) nearest = turn;
  }
  const most = Math.max(...seconds.values());
  for (const [speaker, value] of seconds) if (value === most) return { speaker, source: 'overlap', overlapSeconds: value };
  return { speaker: nearest?.speaker ?? null, source: nearest === undefined ? 'unknown' : 'nearest', overlapSeconds: 0 };
}

function pick({ speaker, source }: ReturnType<typeof expectedDecision>): { speaker: string | null; source: string } {
  return { speaker, source };
}

test('words that are sentences of their own go by the rule alone', () => {
  const oneWordSentences = anyWords.map((words) => words.map(([, start, end]): Heard => ['end!', start, end]));
  fc.assert(
    fc.property(oneWordSentences, anyTurns, (words, turns) => {
      const { exclusiveTurns } = diarization(turns);
      const inOrder = words.toSorted((a, b) => a[1] - b[1] || a[2] - b[2]);
      for (const [index, [, speaker, source]] of spoken(alignSpeakers(transcription(words), diarization(turns))).entries()) {
        expect({ speaker, source }).toEqual(pick(expectedDecision(inOrder[index]!, exclusiveTurns)));
      }
    }),
  );
});

test('smoothing leaves who surely speaks for a second, and all that it does not name', () => {
  fc.assert(
    fc.property(anyWords, anyTurns, (words, turns) => {
      const { exclusiveTurns } = diarization(turns);
      const inOrder = words.toSorted((a, b) => a[1] - b[1] || a[2] - b[2]);
      for (const [index, [, speaker, source]] of spoken(alignSpeakers(transcription(words), diarization(turns))).entries()) {
        const before = expectedDecision(inOrder[index]!, exclusiveTurns);
        const isSmoothed = source === 'smoothed';
        expect(isSmoothed ? speaker !== before.speaker && before.overlapSeconds < 1 : source === before.source).toBe(true);
        expect(isSmoothed || speaker === before.speaker).toBe(true);
      }
    }),
  );
});

test('every word is kept once, in order of time, in turns that change speakers', () => {
  fc.assert(
    fc.property(anyWords, anyTurns, (words, turns) => {
      const transcript = alignSpeakers(transcription(words), diarization(turns));
      expect(TranscriptSchema.safeParse(transcript).success).toBe(true);
      expect(Object.keys(transcript.roles ?? {}).toSorted()).toEqual(
        [...new Set(transcript.turns.flatMap((turn) => turn.speaker ?? []))].toSorted(),
      );
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
