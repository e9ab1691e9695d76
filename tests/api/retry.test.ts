import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withOutcome } from '../../activities/record-outcome.ts';
import { IngestAcceptedSchema, JobSchema, type IngestAccepted, type Job } from '../../contracts/api.ts';
import { BulkRetryViewSchema, DeadLetterPageSchema, type DeadLetterPage } from '../../contracts/dead-letters.ts';
import { RetryAcceptedSchema } from '../../contracts/retry.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { toLectureId } from '../../storage/keys.ts';
import { wireRetryActivities } from '../../worker/create-retry-activities.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { ask, OWN_TENANT, startTestApi, upload, type TestApi } from './test-api.ts';
import { startTestWorker, type TestWorker } from './test-worker.ts';

let temporal: TemporalServer;
let api: TestApi;
let worker: TestWorker;

beforeAll(async () => {
  temporal = await startTestTemporal();
  api = await startTestApi(temporal.address);
  const recordOutcome: Parameters<typeof startTestWorker>[1] = async ({ tenantId, lectureId }, outcome) => {
    await api.lectures.update(tenantId, lectureId, (lecture) => withOutcome(lecture, outcome));
  };
  worker = await startTestWorker(temporal.address, recordOutcome, wireRetryActivities(api));
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

const listFailed = async (query = ''): Promise<DeadLetterPage> =>
  DeadLetterPageSchema.parse(await (await ask(api.url, api.apiKeys.own, `/api/v1/jobs/failed${query}`)).json());
const jobsOf = ({ jobs }: DeadLetterPage) => jobs.map(({ jobId }) => jobId);

it('lists what failed and nobody has retried, with counts, and retries it at a rate', async () => {
  const before = (await listFailed()).total;
  const since = new Date().toISOString();
  const [first, second, third, gone] = [await failed('f1'), await failed('f2'), await failed('f3'), await failed('f4')];
  const ids = [first.jobId, second.jobId, third.jobId];
  expect((await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${gone.lectureId}`, { method: 'DELETE' })).status).toBe(204);
  // Temporal's visibility trails its runs.
  await expect.poll(async () => jobsOf(await listFailed(`?since=${since}`)).toSorted(), { timeout: 30_000 }).toEqual(ids.toSorted());
  const page = await listFailed(`?since=${since}&limit=2`);
  expect(page).toMatchObject({
    total: 3,
    byKind: [{ name: 'unsupported-media', jobs: 3 }],
    byStage: [{ name: 'prepare', jobs: 3 }],
    jobs: [
      { jobId: third.jobId, runs: 1, error: { message: 'this is no recording' }, cure: expect.stringMatching(/another format/) as string },
      {},
    ],
  });
  expect(jobsOf(await listFailed(`?since=${since}&limit=2&cursor=${page.nextCursor}`))).toEqual([first.jobId]);
  expect(await listFailed('?stage=embed')).toMatchObject({ total: 0, jobs: [], nextCursor: null });
  expect(await listFailed('?kind=internal')).toMatchObject({ total: 0 });
  expect((await listFailed()).total).toBe(before + 3);

  expect((await post(`/api/v1/jobs/${first.jobId}/retry`)).status).toBe(202);
  worker.refused.add(second.lectureId);
  const started = await post('/api/v1/jobs/retry', { kind: 'unsupported-media', since, perMinute: 600 });
  expect(started.status).toBe(202);
  const { retryId } = BulkRetryViewSchema.parse(await started.json());
  const readBulk = async (key = api.apiKeys.own) => ask(api.url, key, `/api/v1/jobs/retries/${retryId}`);
  await expect.poll(async () => BulkRetryViewSchema.parse(await (await readBulk()).json()).state, { timeout: 60_000 }).toBe('completed');
  const ended = BulkRetryViewSchema.parse(await (await readBulk()).json());
  // The first one may still be on the list that the retry reads: then it is refused.
  expect(ended).toMatchObject({ retried: 2 });
  expect(ended.refused).toBeLessThanOrEqual(1);
  expect((await readBulk(api.apiKeys.foreign)).status).toBe(404);

  // The second one has failed again: it is listed as what it is now, the others no more.
  await expect
    .poll(async () => (await listFailed(`?since=${since}`)).jobs, { timeout: 30_000 })
    .toMatchObject([{ lectureId: second.lectureId, runs: 2 }]);
  worker.refused.delete(second.lectureId);
  const foreign = DeadLetterPageSchema.parse(await (await ask(api.url, api.apiKeys.foreign, '/api/v1/jobs/failed')).json());
  expect(foreign.total).toBe(0);
});

it('stops a retry of many between two of them', async () => {
  const since = new Date().toISOString();
  const both = [await failed('s1'), await failed('s2')];
  for (const { lectureId } of both) worker.refused.add(lectureId);
  await expect.poll(async () => (await listFailed(`?since=${since}`)).total, { timeout: 30_000 }).toBe(2);
  const started = await post('/api/v1/jobs/retry', { kind: 'unsupported-media', since, perMinute: 0.1 });
  const path = `/api/v1/jobs/retries/${BulkRetryViewSchema.parse(await started.json()).retryId}`;
  const read = async (method: string) => BulkRetryViewSchema.parse(await (await ask(api.url, api.apiKeys.own, path, { method })).json());
  await expect.poll(async () => (await read('GET')).retried, { timeout: 30_000 }).toBe(1);
  await read('DELETE');
  await expect.poll(async () => (await read('GET')).state, { timeout: 30_000 }).toBe('cancelled');
  expect(await read('DELETE')).toMatchObject({ state: 'cancelled', retried: 1, refused: 0 });
});

it('ends a lecture whose run was terminated in the Temporal UI, when it is read and by itself, and goes on with it', async () => {
  const terminated = await Promise.all(
    ['read', 'swept'].map(async (name) => {
      worker.stuck.add(lectureOf(name));
      const accepted = IngestAcceptedSchema.parse(await (await upload(api.url, { key: api.apiKeys.own, content: name })).json());
      await api.temporal.workflow.getHandle(`${OWN_TENANT}/${accepted.lectureId}/ingest`).terminate();
      worker.stuck.delete(accepted.lectureId);
      return accepted;
    }),
  );
  const [read, swept] = terminated as [IngestAccepted, IngestAccepted];
  const failure = { kind: 'internal', stage: 'prepare', message: 'its run was terminated by hand' };
  const path = `/api/v1/lectures/${read.lectureId}`;
  const readLecture = async () => (await ask(api.url, api.apiKeys.own, path)).json();
  await expect.poll(readLecture, { timeout: 30_000 }).toMatchObject({ state: 'failed', failure });

  await expect.poll(() => api.reconciler.sweep(Date.now() - 3_600_000), { timeout: 30_000 }).toBe(1);
  expect(await api.lectures.get(OWN_TENANT, swept.lectureId)).toMatchObject({ state: 'failed', failure });
  expect(await api.reconciler.sweep(Date.now() - 3_600_000)).toBe(0);

  const response = await post(`/api/v1/jobs/${read.jobId}/retry`);
  const { jobId } = RetryAcceptedSchema.parse(await response.json());
  expect(await untilClosed(jobId)).toMatchObject({ state: 'completed' });
  expect(await readLecture()).toMatchObject({ state: 'ready' });
});
