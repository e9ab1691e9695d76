import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTemporalJobs } from '../../api/jobs.ts';
import {
  IngestAcceptedSchema,
  JobPageSchema,
  JobSchema,
  LecturePageSchema,
  LectureViewSchema,
  ProblemSchema,
  type IngestAccepted,
  type Job,
} from '../../contracts/api.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { mediaKey, toLectureId } from '../../storage/keys.ts';
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
    await api.lectures.update(tenantId, lectureId, (lecture) =>
      outcome.state === 'ready'
        ? {
            ...lecture,
            state: 'ready',
            generation: outcome.generation,
            durationSeconds: outcome.durationSeconds,
            degraded: outcome.degraded,
          }
        : { ...lecture, state: outcome.state, ...(outcome.state === 'failed' ? { failure: outcome } : {}) },
    );
  });
});
afterAll(async () => {
  await worker?.stop();
  await api?.close();
  await temporal?.stop();
});

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');
const lectureOf = (content: string): string => toLectureId(OWN_TENANT, sha256(content));

async function accept(options: Partial<Parameters<typeof upload>[1]>): Promise<IngestAccepted> {
  const response = await upload(api.url, { key: api.apiKeys.own, ...options });
  expect(response.status, await response.clone().text()).toBe(202);
  return IngestAcceptedSchema.parse(await response.json());
}

async function refuse(options: Partial<Parameters<typeof upload>[1]>, status: number): Promise<{ kind: string; detail: string }> {
  const before = await api.storedFiles();
  const response = await upload(api.url, { key: api.apiKeys.own, ...options });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await api.storedFiles()).toEqual(before);
  return ProblemSchema.parse(await response.json());
}

async function readJob(jobId: string, key = api.apiKeys.own): Promise<Job> {
  return JobSchema.parse(await (await ask(api.url, key, `/api/v1/jobs/${jobId}`)).json());
}

async function untilClosed(jobId: string, key = api.apiKeys.own): Promise<Job> {
  await expect.poll(async () => (await readJob(jobId, key)).state, { timeout: 30_000 }).not.toBe('running');
  return readJob(jobId, key);
}

describe('POST /api/v1/ingest', () => {
  it('keeps the recording as it came, makes the lecture and starts its job', async () => {
    const fields = {
      title: 'Coding <theory>',
      course: 'IT-101',
      semester: '2026w',
      language: 'en',
      speakers: '2-4',
      priority: 'high',
      recordedAt: '2026-11-20T10:15:00+01:00',
    };
    const { jobId, lectureId, duplicate } = await accept({ content: 'first recording', fields });
    expect({ lectureId, duplicate }).toEqual({ lectureId: lectureOf('first recording'), duplicate: false });

    const { body } = await api.objects.get(mediaKey(OWN_TENANT, lectureId));
    expect(Buffer.from(body).toString()).toBe('first recording');
    const job = await untilClosed(jobId);
    expect(job).toMatchObject({ state: 'completed', lectureId, stage: 'ready' });
    expect(job.stages.find(({ stage }) => stage === 'transcribe')).toMatchObject({ state: 'done' });
    const lecture = LectureViewSchema.parse(await (await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${lectureId}`)).json());
    expect(lecture).toMatchObject({ title: 'Coding <theory>', course: 'IT-101', recordedAt: fields.recordedAt, state: 'ready', bytes: 15 });
    expect((await api.storedFiles()).filter((path) => path.includes('/uploads/'))).toEqual([]);
  });

  it('takes the same bytes for the same lecture and replaces the metadata that is given', async () => {
    const first = await accept({ content: 'twice', fields: { title: 'Old', course: 'C' } });
    await untilClosed(first.jobId);
    const second = await accept({ content: 'twice', fields: { title: 'New' } });
    expect(second).toMatchObject({ lectureId: first.lectureId, duplicate: true });
    await untilClosed(second.jobId);
    expect((await api.lectures.get(OWN_TENANT, first.lectureId))?.metadata).toEqual({ title: 'New', course: 'C' });
    const foreign = await upload(api.url, { key: api.apiKeys.foreign, content: 'twice' });
    expect(await foreign.json()).toMatchObject({ duplicate: false });
  });

  it('calls a lecture like its file until it is given a title', async () => {
    const { jobId, lectureId } = await accept({ content: 'no title', fileName: '../../etc/Week 3: codes & noise.v2.mp3' });
    await untilClosed(jobId);
    expect((await api.lectures.get(OWN_TENANT, lectureId))?.metadata).toEqual({ title: 'Week 3: codes & noise.v2' });
    await accept({ content: 'no title', fileName: 'other.mp3', fields: { title: 'Given' } });
    expect((await api.lectures.get(OWN_TENANT, lectureId))?.metadata).toEqual({ title: 'Given' });
  });

  it('joins the run that is under way', async () => {
    worker.stuck.add(lectureOf('joined'));
    const first = await accept({ content: 'joined' });
    expect(await accept({ content: 'joined' })).toEqual({ ...first, duplicate: true });
    worker.stuck.delete(first.lectureId);
    expect((await untilClosed(first.jobId)).state).toBe('completed');
  });

  it('does not join the run of an upload that was refused and taken back, though Temporal had it', async () => {
    const [content, lectureId] = ['former life', lectureOf('former life')];
    worker.stuck.add(lectureId);
    const connection = await Connection.connect({ address: temporal.address });
    const media = { key: mediaKey(OWN_TENANT, lectureId), sha256: sha256(content), bytes: content.length };
    const input = { tenantId: OWN_TENANT, lectureId, media, options: { priority: 'normal' as const } };
    const former = await createTemporalJobs(new Client({ connection }), 'default').start(input, {}, '2026-01-01T00:00:00.000Z');
    await connection.close();
    const accepting = accept({ content });
    await expect.poll(async () => (await readJob(former)).state, { timeout: 60_000 }).toBe('cancelled');
    worker.stuck.delete(lectureId);
    const { jobId } = await accepting;
    expect(jobId).not.toBe(former);
    expect((await untilClosed(jobId)).state).toBe('completed');
  });

  it('makes one lecture and one response of fifty uploads with one key, and refuses another body', async () => {
    const options = { content: 'one key', fields: { title: 'T' }, idempotencyKey: 'key-1' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => accept(options)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await untilClosed(answers[0]!.jobId);
    expect(await accept(options)).toEqual(answers[0]);
    expect(await refuse({ ...options, fields: { title: 'Other' } }, 409)).toMatchObject({ kind: 'conflict' });
    expect(await refuse({ ...options, content: 'another' }, 409)).toMatchObject({ kind: 'conflict' });
    const other = await upload(api.url, { ...options, key: api.apiKeys.foreign });
    expect(other.status).toBe(202);
    const { jobId } = (await other.json()) as IngestAccepted;
    await untilClosed(jobId, api.apiKeys.foreign);
  });

  it.each([
    ['an empty file', { content: '' }, /empty/],
    ['an unknown language', { fields: { language: 'xx' } }, /xx is not one/],
    ['a language that is no code', { fields: { language: 'English' } }, /language/],
    ['impossible speakers', { fields: { speakers: '4-2' } }, /min must not exceed max/],
    ['an unknown field', { fields: { titel: 'x' } }, /titel/],
    ['a priority that is none', { fields: { priority: 'urgent' } }, /priority/],
    ['terms that are none', { fields: { vocabulary: ', ;' } }, /vocabulary/],
    ['a time without a zone', { fields: { recordedAt: '2026-11-20 10:15' } }, /recordedAt/],
    ['a bad idempotency key', { idempotencyKey: 'a b' }, /Idempotency-Key/],
  ])('refuses %s and keeps nothing', async (_, options, message) => {
    const problem = await refuse(options, 400);
    expect(problem.kind).toBe('invalid-input');
    expect(problem.detail).toMatch(message);
  });

  it('refuses a file over the limit with 413, told in advance or not', async () => {
    expect(await refuse({ content: new Uint8Array((1 << 20) + 1) }, 413)).toMatchObject({ kind: 'invalid-input' });
  });

  it.each(['hello', '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--b--\r\n', '--b\r\n'])(
    'refuses the body %j',
    async (body) => {
      const response = await ask(api.url, api.apiKeys.own, '/api/v1/ingest', {
        method: 'POST',
        body,
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ kind: 'invalid-input' });
    },
  );

  it('refuses a body that is no form', async () => {
    const response = await ask(api.url, api.apiKeys.own, '/api/v1/ingest', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
  });

  it('keeps nothing of an upload that is broken off', async () => {
    const before = await api.storedFiles();
    const outgoing = request(`${api.url}/api/v1/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.apiKeys.own}`, 'content-type': 'multipart/form-data; boundary=b' },
    });
    const broken = new Promise((resolve) => outgoing.once('error', resolve));
    outgoing.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n');
    outgoing.write(Buffer.alloc(300_000));
    await expect.poll(async () => (await api.storedFiles()).length, { timeout: 10_000 }).toBeGreaterThan(before.length);
    outgoing.destroy(new Error('gone'));
    await broken;
    await expect.poll(() => api.storedFiles(), { timeout: 10_000 }).toEqual(before);
  });
});

describe('jobs', () => {
  it('says why a job failed, in which stage', async () => {
    worker.refused.add(lectureOf('no recording'));
    const { jobId, lectureId } = await accept({ content: 'no recording' });
    const job = await untilClosed(jobId);
    expect(job).toMatchObject({ state: 'failed', error: { kind: 'unsupported-media', stage: 'prepare', message: 'this is no recording' } });
    const lecture = await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${lectureId}`);
    expect(await lecture.json()).toMatchObject({ state: 'failed', failure: { stage: 'prepare' } });
    const transcript = await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${lectureId}/transcript`);
    expect(transcript.status).toBe(404);
    expect(await transcript.json()).toMatchObject({ detail: 'the lecture has no transcript: it is failed' });
  });

  it('shows the stages of a running job and cancels it once', async () => {
    worker.stuck.add(lectureOf('to be cancelled'));
    const { jobId } = await accept({ content: 'to be cancelled' });
    await expect.poll(async () => (await readJob(jobId)).stages[0]?.state, { timeout: 10_000 }).toBe('running');
    const cancelled = await ask(api.url, api.apiKeys.own, `/api/v1/jobs/${jobId}`, { method: 'DELETE' });
    expect(cancelled.status).toBe(202);
    expect((await untilClosed(jobId)).state).toBe('cancelled');
    expect((await ask(api.url, api.apiKeys.own, `/api/v1/jobs/${jobId}`, { method: 'DELETE' })).status).toBe(409);
  });

  it('lists the jobs of one tenant, page by page', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const path: string = `/api/v1/jobs?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`;
      const page = JobPageSchema.parse(await (await ask(api.url, api.apiKeys.own, path)).json());
      expect(page.jobs.length).toBeLessThanOrEqual(3);
      seen.push(...page.jobs.map(({ jobId }) => jobId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.length).toBeGreaterThan(4);
    expect(new Set(seen).size).toBe(seen.length);
    const foreign = JobPageSchema.parse(await (await ask(api.url, api.apiKeys.foreign, '/api/v1/jobs')).json());
    expect(foreign.jobs.length).toBeGreaterThan(0);
    expect(foreign.jobs.filter(({ jobId }) => seen.includes(jobId))).toEqual([]);
  });

  it('refuses a cursor that is none', async () => {
    const response = await ask(api.url, api.apiKeys.own, '/api/v1/jobs?cursor=AAAA');
    expect(response.status).toBe(400);
  });
});

describe('lectures', () => {
  it('lists them by course, page by page', async () => {
    for (const content of ['p1', 'p2', 'p3']) await accept({ content, fields: { course: 'Paged' } });
    const first = LecturePageSchema.parse(await (await ask(api.url, api.apiKeys.own, '/api/v1/lectures?course=Paged&limit=2')).json());
    const path = `/api/v1/lectures?course=Paged&limit=2&cursor=${first.nextCursor}`;
    const second = LecturePageSchema.parse(await (await ask(api.url, api.apiKeys.own, path)).json());
    const all = [...first.lectures, ...second.lectures].map(({ lectureId }) => lectureId);
    expect(all.sort()).toEqual(['p1', 'p2', 'p3'].map(lectureOf).sort());
    expect(second.nextCursor).toBeNull();
  });

  it('deletes one during its ingest, out of every store', async () => {
    worker.stuck.add(lectureOf('to be deleted'));
    const { lectureId, jobId } = await accept({ content: 'to be deleted', idempotencyKey: 'deleted' });
    await expect.poll(async () => (await readJob(jobId)).stages[0]?.state, { timeout: 10_000 }).toBe('running');
    expect((await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${lectureId}`, { method: 'DELETE' })).status).toBe(204);
    expect((await api.storedFiles()).filter((path) => path.includes(lectureId))).toEqual([]);
    expect((await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${lectureId}`)).status).toBe(404);
    expect((await readJob(jobId)).state).toBe('cancelled');
    worker.stuck.delete(lectureId);
    const again = await accept({ content: 'to be deleted', idempotencyKey: 'deleted' });
    expect(again).toMatchObject({ lectureId, duplicate: false });
    expect(again.jobId).not.toBe(jobId);
  });
});
