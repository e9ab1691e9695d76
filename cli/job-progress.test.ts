import { describe, expect, it } from 'vitest';
import type { Job } from '../contracts/api.ts';
import { describeExtent, followJob } from './job-progress.ts';

function jobWith(stages: Job['stages']): Job {
  return {
    jobId: 'lec_0.0',
    lectureId: 'lec_0',
    state: 'running',
    startedAt: '2026-11-21T00:00:00Z',
    stage: 'transcribe',
    stages,
    degraded: [],
  };
}

const transcribing = (doneSeconds: number): Job =>
  jobWith([
    { stage: 'prepare', state: 'done' },
    { stage: 'transcribe', state: 'running', done: 2, total: 9, doneSeconds, totalSeconds: 2770 },
    { stage: 'diarize', state: 'running' },
  ]);

describe('followJob', () => {
  it('tells seconds of the recording, and what is left by the pace that it has seen', () => {
    let ms = 0;
    const follow = followJob(() => ms);
    expect(follow(transcribing(600)).text).toBe('transcribe 10:00 of 46:10; diarize');
    ms = 20_000;
    expect(follow(transcribing(600)).text).toBe('transcribe 10:00 of 46:10; diarize');
    ms = 60_000;
    expect(follow(transcribing(1_200)).text).toBe('transcribe 20:00 of 46:10, 3 min left; diarize');
    ms = 200_000;
    expect(follow(transcribing(2_600)).text).toBe('transcribe 43:20 of 46:10, 17 s left; diarize');
    expect(follow(transcribing(2_770)).text).toBe('transcribe 46:10 of 46:10; diarize');
  });

  it('has a milestone for each tenth of a stage and for each stage, not for each second', () => {
    const follow = followJob(() => 0);
    const milestones = [0, 100, 276, 278, 500].map((seconds) => follow(transcribing(seconds)).milestone);
    expect(new Set(milestones).size).toBe(2);
  });

  it('names the stage where nothing runs', () => {
    expect(followJob()(jobWith([])).text).toBe('transcribe');
  });
});

describe('describeExtent', () => {
  it('tells units where there are no seconds, else nothing', () => {
    expect(describeExtent({ stage: 'transcribe', state: 'running', done: 1, total: 3 })).toBe(' 1/3');
    expect(describeExtent({ stage: 'embed', state: 'running' })).toBe('');
  });
});
