import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JobPageSchema } from '../../contracts/api.ts';
import { lecturesPrefix, uploadsPrefix } from '../../storage/keys.ts';
import { makeWav } from '../workflows/wav.ts';
import { startFaultStack, TENANTS, type FaultStack } from './fault-stack.ts';
import { wordsOf } from './tones.ts';
import { untilTrue } from './until-true.ts';

const TENANT = TENANTS[0];
const SECONDS = 60;
const MINUTE_MS = 60_000;

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ index: 'sqlite', workers: 1, pieceMs: 200 });
});
afterAll(() => stack?.close());

const client = () => stack.clients[TENANT];

async function keysBelow(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of stack.truth.objects.list(prefix)) keys.push(key);
  return keys;
}

async function jobs(): Promise<string[]> {
  return JobPageSchema.parse(await (await client().ask('/api/v1/jobs')).json()).jobs.map(({ jobId }) => jobId);
}

async function expectWhole(lectureId: string, hertz: number): Promise<void> {
  const { turns } = await client().transcript(lectureId);
  expect(turns.flatMap((turn) => turn.words.map(({ text }) => text))).toEqual(wordsOf(hertz, SECONDS));
}

/** Sends all of a recording but its last bytes, and holds the line. */
async function uploadUntilItsEnd(recording: Buffer): Promise<{ broken: Promise<unknown> }> {
  const { url, apiKey } = client();
  const outgoing = request(`${url}/api/v1/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'multipart/form-data; boundary=b', 'idempotency-key': 'killed' },
  });
  const broken = new Promise((resolve) => outgoing.once('error', resolve));
  outgoing.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n');
  await new Promise((resolve) => outgoing.write(recording.subarray(0, -1_000), resolve));
  return { broken };
}

it('fault 2: an API that is killed in mid-upload leaves no lecture and no job; the upload is made again under its key', async () => {
  // More than a part of a multipart upload to the object store.
  const long = makeWav(620, 700);
  const { broken } = await uploadUntilItsEnd(long);
  await sleep(1_000);
  await stack.api.kill();
  await broken;
  stack.api.revive();
  await client().untilReady();
  expect(await jobs()).toEqual([]);
  expect(await keysBelow(lecturesPrefix(TENANT))).toEqual([]);

  const { jobId, lectureId, duplicate } = await client().ingest(long, 'killed');
  expect(duplicate).toBe(false);
  expect(await client().untilEnded(jobId)).toMatchObject({ state: 'completed' });
  expect(await jobs()).toEqual([jobId]);
  expect(await client().lecture(lectureId)).toMatchObject({ state: 'ready' });
  expect(await keysBelow(uploadsPrefix(TENANT))).toEqual([]);
});

it('fault 3: while Temporal is away uploads are refused for now; what was acknowledged before goes on after it', async () => {
  await Promise.all(stack.workers.map((worker) => worker.kill()));
  const acknowledged = await client().ingest(makeWav(SECONDS, 710), 'before');
  await stack.temporal.kill();
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(makeWav(SECONDS, 720))]), 'lecture.wav');
  const refused = await client().ask('/api/v1/ingest', { method: 'POST', body: form });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect(await refused.json()).toMatchObject({ kind: 'unavailable' });
  expect((await client().ask('/api/v1/lectures')).status).toBe(200);

  await stack.temporal.revive();
  for (const worker of stack.workers) worker.revive();
  expect(await client().untilEnded(acknowledged.jobId)).toMatchObject({ state: 'completed' });
  await expectWhole(acknowledged.lectureId, 710);
  const { jobId } = await client().ingest(makeWav(SECONDS, 720), 'after');
  expect(await client().untilEnded(jobId)).toMatchObject({ state: 'completed' });
});

it('fault 3: a start that Temporal answers too late is refused, and the upload that comes again is ingested whole', async () => {
  await stack.workers[0]!.kill();
  const direct = stack.addWorker({ isDirect: true, pieceMs: 15_000 });
  const recording = makeWav(SECONDS, 740);
  await untilTrue('the other worker works', () => direct.hasLogged('workers are running'));
  await stack.links.temporal.slow(8_000);
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(recording)]), 'lecture.wav');
  // Temporal has the run all the same, and the worker works on it.
  const refused = await client().ask('/api/v1/ingest', { method: 'POST', body: form });
  expect(refused.status).toBe(503);
  await stack.links.temporal.heal();
  const { jobId, lectureId } = await client().ingest(recording, 'again');
  expect(await client().untilEnded(jobId)).toMatchObject({ state: 'completed' });
  await expectWhole(lectureId, 740);
  await direct.stop();
  stack.workers[0]!.revive();
});

it.each([-10, 10])('fault 20: a clock %i minutes off: what has expired by it opens nothing, and the API ingests', async (minutes) => {
  const expiring = async (inMinutes: number): Promise<string> =>
    stack.makeKey(TENANT, { expiresAt: new Date(Date.now() + inMinutes * MINUTE_MS).toISOString() });
  const [short, long, expired] = [await expiring(5), await expiring(60), await expiring(-60)];
  const shifted = await stack.addApi({ clockShiftMs: minutes * MINUTE_MS });
  await untilTrue('the API with the wrong clock serves', async () => {
    const answer = await fetch(`${shifted.url}/health/live`).catch(() => undefined);
    return answer?.ok === true;
  });
  const statusWith = async (key: string) =>
    (await fetch(`${shifted.url}/api/v1/lectures`, { headers: { authorization: `Bearer ${key}` } })).status;
  expect(await statusWith(expired)).toBe(401);
  expect(await statusWith(long)).toBe(200);
  expect(await statusWith(short)).toBe(minutes > 5 ? 401 : 200);

  const hertz = 730 + minutes;
  const there = client().at(shifted.url);
  const { jobId, lectureId } = await there.ingest(makeWav(SECONDS, hertz), `clock${minutes}`);
  expect(await there.untilEnded(jobId)).toMatchObject({ state: 'completed' });
  await expectWhole(lectureId, hertz);
  await shifted.process.stop();
});
