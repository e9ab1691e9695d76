import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withOutcome } from '../../activities/record-outcome.ts';
import { listDeadLetters } from '../../api/dead-letters.ts';
import { retryIngest } from '../../api/retry-ingest.ts';
import { parseConfig } from '../../contracts/config.ts';
import type { DeadLetter } from '../../contracts/dead-letters.ts';
import { ingestWorkflowId, splitJobId, toJobId } from '../../contracts/identity.ts';
import type { IngestInput } from '../../contracts/ingest.ts';
import type { RetryOverrides } from '../../contracts/retry.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import { createLectureStore, type LectureStore } from '../../storage/lectures.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { openDataConverter } from '../../worker/encryption/data-converter.ts';
import { createFakeActivities, untilCancelled, type FakeActivities, type FakeOptions } from './fake-activities.ts';
import { ingestInput, startIngestRunner, until, type IngestHandle, type IngestRunner } from './ingest-runner.ts';

let runner: IngestRunner;
let folder: string;
let objects: ObjectStore;
let lectures: LectureStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-retry-'));
  objects = await openFilesystemObjectStore(folder);
  // With encrypted histories: what a run was asked for, and why it failed, are read through the codec.
  const config = parseConfig({ LECTERN_MASTER_KEY: randomBytes(32).toString('base64') });
  const dataConverter = await openDataConverter(config, objects);
  runner = await startIngestRunner(dataConverter === undefined ? {} : { dataConverter });
  lectures = createLectureStore(objects);
});
afterAll(async () => {
  await objects?.close();
  await runner?.close();
  await rm(folder, { recursive: true });
});

/** A lecture as the API makes it, with outcomes written on its document. */
async function withLecture(options: FakeOptions, work: (handle: IngestHandle, fakes: FakeActivities, input: IngestInput) => Promise<void>) {
  const input = ingestInput();
  const { tenantId, lectureId, media } = input;
  const now = new Date().toISOString();
  await lectures.create({
    tenantId,
    lectureId,
    metadata: {},
    media,
    state: 'processing',
    createdAt: now,
    updatedAt: now,
    speakerNames: {},
    artifacts: {},
    degraded: [],
  });
  const fakes = createFakeActivities({
    gpu: options.gpu ?? {},
    cpu: {
      recordOutcome: async ({ outcome }) => void (await lectures.update(tenantId, lectureId, (lecture) => withOutcome(lecture, outcome))),
      ...options.cpu,
    },
  });
  await runner.withIngest(fakes, input, (handle) => work(handle, fakes, input));
}

const retry = (input: IngestInput, runId: string, overrides?: RetryOverrides) =>
  retryIngest(
    { client: runner.client, lectures },
    { tenantId: input.tenantId, jobId: toJobId(input.lectureId, runId), ...(overrides === undefined ? {} : { overrides }) },
  );
async function listDead(): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of listDeadLetters({ client: runner.client, lectures }, 'demo', {})) letters.push(letter);
  return letters;
}
const lectureOf = ({ tenantId, lectureId }: IngestInput) => lectures.get(tenantId, lectureId);
const resultOf = (handle: IngestHandle, jobId: string) =>
  runner.client.workflow.getHandle(handle.workflowId, splitJobId(jobId).runId).result();
const firstRunOf = (handle: IngestHandle) => runner.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
const namesOf = (fakes: FakeActivities) => fakes.calls.map(({ name }) => name);
const embedded = { artifact: { key: 'k', digest: 'e'.repeat(64) }, reused: false };

it('goes on from the failed stage, once, however often it is asked', async () => {
  let state: 'broken' | 'slow' | 'mended' = 'broken';
  const embed = async () => {
    if (state === 'broken') throw ApplicationFailure.nonRetryable('minilm-l6-int8 is not there', 'model-missing');
    await until(() => state === 'mended');
    return embedded;
  };
  await withLecture({ gpu: { embed } }, async (handle, fakes, input) => {
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    expect(await lectureOf(input)).toMatchObject({ state: 'failed', failure: { stage: 'embed', kind: 'model-missing' } });
    await expect
      .poll(listDead, { timeout: 30_000 })
      .toMatchObject([{ lectureId: input.lectureId, error: { kind: 'model-missing', stage: 'embed' } }]);
    state = 'slow';
    fakes.calls.length = 0;
    const runId = handle.firstExecutionRunId;
    const answers = await Promise.all([retry(input, runId), retry(input, runId)]);
    expect(answers[1]).toEqual(answers[0]);
    expect(await retry(input, runId)).toEqual(answers[0]);
    const { jobId, how } = answers[0];
    expect(how).toBe('continued');
    expect(jobId).not.toBe(toJobId(input.lectureId, runId));
    const underWay = await lectureOf(input);
    expect(underWay).toMatchObject({ state: 'processing' });
    expect(underWay).not.toHaveProperty('failure');
    await expect(retry(input, splitJobId(jobId).runId)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(/still runs/) as string,
    });

    state = 'mended';
    expect(await resultOf(handle, jobId)).toMatchObject({ generation: `g1-${'e'.repeat(24)}` });
    expect(namesOf(fakes)).toEqual(['embed', 'index', 'recordOutcome']);
    expect(await lectureOf(input)).toMatchObject({ state: 'ready' });
    await expect(retry(input, splitJobId(jobId).runId)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(/completed/) as string,
    });
    await expect(retry(input, runId)).rejects.toMatchObject({ kind: 'conflict', message: expect.stringMatching(/later job/) as string });
  });
});

it('goes on with a cancelled run, and with what was open when it was cancelled', async () => {
  let isOpen = true;
  const diarize = async () => (isOpen ? untilCancelled() : { ...embedded, speakers: 2 });
  await withLecture({ gpu: { diarize } }, async (handle, fakes, input) => {
    await until(() => namesOf(fakes).includes('joinTranscription'));
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    expect(await lectureOf(input)).toMatchObject({ state: 'cancelled' });
    isOpen = false;
    fakes.calls.length = 0;
    const { jobId, how } = await retry(input, handle.firstExecutionRunId);
    expect(how).toBe('continued');
    expect(await resultOf(handle, jobId)).toMatchObject({ speakers: 2, degraded: [] });
    expect(namesOf(fakes)).not.toContain('prepare');
    expect(await lectureOf(input)).toMatchObject({ state: 'ready' });
  });
});

it('goes on with a run that was terminated', async () => {
  let isOpen = true;
  const embed = async () => (isOpen ? untilCancelled() : embedded);
  await withLecture({ gpu: { embed } }, async (handle, fakes, input) => {
    await until(() => namesOf(fakes).includes('embed'));
    await firstRunOf(handle).terminate('by hand');
    isOpen = false;
    fakes.calls.length = 0;
    const { jobId, how } = await retry(input, handle.firstExecutionRunId);
    expect(how).toBe('continued');
    await resultOf(handle, jobId);
    expect(namesOf(fakes)).toEqual(['embed', 'index', 'recordOutcome']);
  });
});

it('begins anew with other options', async () => {
  const told: unknown[] = [];
  let isBroken = true;
  const index = async () => {
    if (isBroken) throw ApplicationFailure.nonRetryable('another generation was activated', 'conflict');
    return { generation: 'g1', chunks: 1, reused: false };
  };
  const diarize = async ({ speakers }: { speakers: unknown }) => {
    told.push(speakers);
    return { ...embedded, speakers: 2 };
  };
  await withLecture({ cpu: { index }, gpu: { diarize } }, async (handle, _, input) => {
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    isBroken = false;
    const { jobId, how, reason } = await retry(input, handle.firstExecutionRunId, { speakers: { exact: 2 } });
    expect({ how, reason }).toEqual({ how: 'anew', reason: 'its options change' });
    await resultOf(handle, jobId);
    expect(told).toEqual([null, { exact: 2 }]);
  });
});

it('begins anew where Temporal has forgotten the run, and knows no job that never was', async () => {
  await withLecture({}, async (handle, _, input) => {
    await handle.result();
    const never = '00000000-0000-4000-8000-000000000000';
    await expect(retry(input, never)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(retry(ingestInput(), never)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(retry({ ...input, tenantId: 'other' }, handle.firstExecutionRunId)).rejects.toMatchObject({ kind: 'not-found' });
    expect(await lectureOf(input)).toMatchObject({ state: 'ready' });
    const { lectureId } = ingestInput();
    await lectures.create({ ...(await lectureOf(input))!, lectureId, state: 'failed' });
    const { jobId, how, reason } = await retry({ ...input, lectureId }, never);
    expect({ how, reason }).toEqual({ how: 'anew', reason: 'Temporal has forgotten its run' });
    const again = runner.client.workflow.getHandle(ingestWorkflowId(input.tenantId, lectureId), splitJobId(jobId).runId);
    expect(await again.result()).toMatchObject({ lectureId });
  });
});
