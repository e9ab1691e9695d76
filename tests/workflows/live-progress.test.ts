import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toActivity } from '../../activities/activity.ts';
import { createTemporalJobs } from '../../api/jobs.ts';
import type { Job } from '../../contracts/api.ts';
import { toJobId } from '../../contracts/identity.ts';
import type { GpuActivities } from '../../contracts/ingest.ts';
import { createFakeActivities } from './fake-activities.ts';
import { ingestInput, startIngestRunner, type IngestRunner } from './ingest-runner.ts';

let runner: IngestRunner;
beforeAll(async () => {
  runner = await startIngestRunner();
});
afterAll(() => runner.close());

/** Seconds of a piece that are done at each step; the first attempt at the second piece breaks at its end. */
const STEPS = [120, 240];

const transcribePiece: GpuActivities['transcribePiece'] = toActivity(async ({ piece }, run) => {
  for (const [index, doneSeconds] of STEPS.entries()) {
    run.progress({ doneSeconds, totalSeconds: 300, pieceStartSeconds: piece.startSeconds });
    // Past the next heartbeat, and past the throttle of the worker.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const breaks = piece.startSeconds === 300 && Context.current().info.attempt === 1 && index === 1;
    if (breaks) throw ApplicationFailure.retryable('the worker stumbled', 'unavailable');
  }
  return { artifact: { key: 'k', digest: 'd' }, reused: false, language: 'en', words: 700 };
});

it('a job tells seconds done of seconds in all while its pieces run, and never goes back when one is tried again', async () => {
  const fakes = createFakeActivities({ pieces: [0, 300], gpu: { transcribePiece } });
  const jobs = createTemporalJobs(runner.client, 'default');
  const input = ingestInput({ language: 'en' });
  await runner.withIngest(fakes, input, async (handle) => {
    const { runId } = await handle.describe();
    const jobId = toJobId(input.lectureId, runId);
    const seen: { done: number; total: number | undefined }[] = [];
    for (let job: Job = await jobs.get(input.tenantId, jobId); job.state === 'running'; job = await jobs.get(input.tenantId, jobId)) {
      const stage = job.stages.find(({ stage: name }) => name === 'transcribe');
      if (stage?.doneSeconds !== undefined) seen.push({ done: stage.doneSeconds, total: stage.totalSeconds });
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a.done - b.done));
    expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([600]));
    const inside = seen.filter(({ done }) => done > 0 && done < 600).map(({ done }) => done);
    expect(new Set(inside).size).toBeGreaterThanOrEqual(3);
    expect(fakes.calls.filter(({ name }) => name === 'transcribePiece')).toHaveLength(3);
  });
});
