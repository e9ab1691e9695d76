import { describe, expect, it } from 'vitest';
import type { IngestProgress } from '../contracts/ingest.ts';
import { toJobStages } from './job-stages.ts';

const pieces = [0, 400, 800].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 300 }));

/** A run that transcribes three pieces of 300 s, of which these are finished, and diarizes. */
function transcribing(finished: number): IngestProgress {
  const transcribe = { done: finished, total: 3, doneSeconds: finished * 300, totalSeconds: 900 };
  return {
    stages: [
      { stage: 'detectSpeech', state: 'done' },
      { stage: 'transcribe', state: 'running', ...transcribe },
      { stage: 'diarize', state: 'running' },
    ],
    degraded: [],
    openPieces: pieces.slice(finished),
  };
}

const beat = (doneSeconds: number, pieceStartSeconds: number) => {
  return { activity: 'transcribePiece', details: { doneSeconds, totalSeconds: 200, pieceStartSeconds } };
};

describe('toJobStages', () => {
  it('counts running pieces as far as they are, in seconds of the recording', () => {
    const stages = toJobStages(transcribing(1), [beat(100, 400)]);
    expect(stages[1]).toMatchObject({ done: 1, total: 3, doneSeconds: 450, totalSeconds: 900 });
    expect(toJobStages(transcribing(0), [beat(100, 400), beat(50, 800)])[1]).toMatchObject({ doneSeconds: 225 });
  });

  it('counts a piece once that has finished since its heartbeat was read', () => {
    expect(toJobStages(transcribing(1), [beat(190, 0)])[1]).toMatchObject({ doneSeconds: 300 });
  });

  it('tells of any stage that tells of seconds, and of no other', () => {
    const heartbeats = [
      { activity: 'diarize', details: { doneSeconds: 80, totalSeconds: 1000 } },
      { activity: 'detectSpeech', details: { doneSeconds: 10, totalSeconds: 1000 } },
    ];
    const [detected, , diarize] = toJobStages(transcribing(0), heartbeats);
    expect(diarize).toEqual({ stage: 'diarize', state: 'running', doneSeconds: 80, totalSeconds: 1000 });
    expect(detected).toEqual({ stage: 'detectSpeech', state: 'done' });
  });

  it.each([undefined, null, 'text', {}, { doneSeconds: Number.NaN, totalSeconds: 10 }, { doneSeconds: 5, totalSeconds: 0 }])(
    'takes details that say nothing (%s) for no news',
    (details) => {
      const progress = transcribing(0);
      expect(
        toJobStages(progress, [
          { activity: 'transcribePiece', details },
          { activity: 'diarize', details },
        ]),
      ).toEqual(progress.stages);
    },
  );

  it('never tells more than there is', () => {
    const stages = toJobStages(transcribing(0), [beat(999, 0), beat(999, 400), beat(999, 800)]);
    expect(stages[1]).toMatchObject({ doneSeconds: 900 });
  });
});
