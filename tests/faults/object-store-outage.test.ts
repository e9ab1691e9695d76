import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWav } from '../workflows/wav.ts';
import { untilTrue } from './until-true.ts';
import { startFaultStack, TENANTS, type FaultStack } from './fault-stack.ts';
import { wordsOf } from './tones.ts';

/** The fault is defined by it: stores are restarted within a minute. */
const OUTAGE_MS = 60_000;
const SECONDS = 620;
const HERTZ = 441;

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ index: 'sqlite', workers: 1, pieceMs: 4_000 });
});
afterAll(() => stack?.close());

it('fault 4: the object store is away for a minute, in mid-transcription: no failed run, nothing computed twice', async () => {
  const client = stack.clients[TENANTS[0]];
  const { jobId, lectureId } = await client.ingest(makeWav(SECONDS, HERTZ), 'outage');
  await untilTrue('the first piece is begun', async () => (await stack.inferences()).length === 1);
  await stack.links.objects.cut();
  const down = await client.ask(`/api/v1/lectures/${lectureId}`);
  expect(down.status).toBe(503);
  expect(down.headers.get('retry-after')).not.toBeNull();
  expect(await down.json()).toMatchObject({ kind: 'unavailable' });
  await sleep(OUTAGE_MS);
  await stack.links.objects.heal();

  const job = await client.untilEnded(jobId);
  expect(job).toMatchObject({ state: 'completed' });
  expect(job.degraded.map(({ reason }) => reason)).toEqual(['no language model configured']);
  const transcript = await client.transcript(lectureId);
  expect(transcript.turns.flatMap((turn) => turn.words.map(({ text }) => text))).toEqual(wordsOf(HERTZ, SECONDS));
  expect((await stack.inferences()).map(({ pieceStartSeconds }) => pieceStartSeconds)).toEqual([0, 310]);
});
