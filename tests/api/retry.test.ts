import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withOutcome } from '../../activities/record-outcome.ts';
import { IngestAcceptedSchema, JobSchema, type IngestAccepted, type Job } from '../../contracts/api.ts';
import { RetryAcceptedSchema } from '../../contracts/retry.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { toLectureId } from '../../storage/keys.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { ask, OWN_TENANT, startTestApi, upload, type TestApi } from './test-api.ts';
import { startTestWorker, type TestWorker } from './test-worker.ts';

let temporal: TemporalServer;
let api: TestApi;
let worker: TestWorker;

beforeAll(async () => {
  temporal = await startTestTemporal();
  api = await startTestApi(temporal.address);
  worker = await startTestWorker(temporal.address, async ({ tenantId, lectureId }, outcome) => {
    await api.lectures.update(tenantId, lectureId, (lecture) => withOutcome(lecture, outcome));
  });
});
afterAll(async () => {
  await worker?.stop();
  await api?.close();
  await temporal?.stop();
});

const lectureOf = (content: string): string => toLectureId(OWN_TENANT, createHash('sha256').update(content).digest('hex'));

async function untilClosed(jobId: string): Promise<Job> {
  const read = async () => JobSchema.parse(await (await ask(api.url, api.apiKeys.own, `/api/v1/jobs/${jobId}`)).json());
  await expect.poll(async () => (await read()).state, { timeout: 30_000 }).not.toBe('running');
  return read();
}

/** An ingest that failed in its first stage, whose cause is mended. */
async function failed(content: string): Promise<IngestAccepted> {
  worker.refused.add(lectureOf(content));
  const accepted = IngestAcceptedSchema.parse(await (await upload(api.url, { key: api.apiKeys.own, content })).json());
  expect((await untilClosed(accepted.jobId)).state).toBe('failed');
  worker.refused.delete(accepted.lectureId);
  return accepted;
}

const post = (path: string, body?: unknown, key = api.apiKeys.own) =>
  ask(api.url, key, path, {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });

it('goes on with a failed job, and says so on its lecture', async () => {
  const { jobId, lectureId } = await failed('no model yet');
  const response = await post(`/api/v1/jobs/${jobId}/retry`);
  expect(response.status).toBe(202);
  const retried = RetryAcceptedSchema.parse(await response.json());
  expect(retried).toMatchObject({ lectureId, how: 'continued' });
  expect(await untilClosed(retried.jobId)).toMatchObject({ state: 'completed' });
  const lecture = (await (await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${lectureId}`)).json()) as object;
  expect(lecture).toMatchObject({ state: 'ready' });
  expect(lecture).not.toHaveProperty('failure');
  const again = await post(`/api/v1/jobs/${retried.jobId}/retry`);
  expect(again.status).toBe(409);
  expect(await again.json()).toMatchObject({ kind: 'conflict', cure: 'There is nothing to retry.' });
});

it('begins anew with other options, and refuses those that are none', async () => {
  const { jobId } = await failed('in the wrong language');
  for (const overrides of [{ language: 'xx' }, { speakers: { exact: 0 } }, { priority: 'urgent' }, { model: 'large' }]) {
    expect((await post(`/api/v1/jobs/${jobId}/retry`, overrides)).status, JSON.stringify(overrides)).toBe(400);
  }
  const response = await post(`/api/v1/jobs/${jobId}/retry`, { language: 'de', speakers: null, priority: 'high' });
  expect(response.status).toBe(202);
  const retried = RetryAcceptedSchema.parse(await response.json());
  expect(retried).toMatchObject({ how: 'anew', reason: 'its options change' });
  expect(await untilClosed(retried.jobId)).toMatchObject({ state: 'completed' });
});

it('knows nothing of the jobs of another tenant', async () => {
  const { jobId } = await failed('of one tenant');
  expect((await post(`/api/v1/jobs/${jobId}/retry`, undefined, api.apiKeys.foreign)).status).toBe(404);
});
