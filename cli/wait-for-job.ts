import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../contracts/api.ts';
import { isKind } from '../contracts/errors.ts';
import type { ApiClient } from './api-client.ts';

const POLL_MS = 1_000;
/** A restart of the API or of Temporal takes seconds; a job outlives it, and so does the wait for it. */
const PATIENCE_MS = 120_000;

/** Polls until the job has ended. */
export async function waitForJob(api: ApiClient, jobId: string, signal: AbortSignal, onPoll: (job: Job) => void): Promise<Job> {
  let lastAnswerAt = Date.now();
  for (;;) {
    try {
      const job = await api.getJob(jobId);
      lastAnswerAt = Date.now();
      onPoll(job);
      if (job.state !== 'running') return job;
    } catch (error) {
      const isPassing = isKind(error, 'unavailable') && Date.now() - lastAnswerAt < PATIENCE_MS;
      if (!isPassing) throw error;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}
