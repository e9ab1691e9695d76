import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWav } from '../workflows/wav.ts';
import { startFaultStack, TENANTS, type FaultStack } from './fault-stack.ts';
import { TOO_HIGH_HERTZ, wordsOf } from './tones.ts';
import { untilTrue } from './until-true.ts';

const TENANT = TENANTS[0];
const SECONDS = 60;
const PIECE_MS = 10_000;

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ index: 'sqlite', workers: 1, pieceMs: PIECE_MS });
});
afterAll(() => stack?.close());

const client = () => stack.clients[TENANT];
const begunOf = async (pitch: number) => (await stack.inferences()).filter(({ hertz }) => hertz === pitch).length;

/** The state of a lecture and all of its objects, as somebody who looks twice sees them. */
async function snapshotOf(lectureId: string): Promise<unknown> {
  const objects: [string, string][] = [];
  for await (const { key, etag } of stack.truth.objects.list(`tenants/${TENANT}/lectures/${lectureId}/`)) objects.push([key, etag]);
  return { objects, generation: await stack.truth.index.activeGeneration(TENANT, lectureId) };
}

async function expectWhole(lectureId: string, hertz: number): Promise<void> {
  const { turns } = await client().transcript(lectureId);
  expect(turns.flatMap((turn) => turn.words.map(({ text }) => text))).toEqual(wordsOf(hertz, SECONDS));
}

it('fault 12: a worker that freezes in mid-piece is replaced, and what it does when it thaws changes nothing', async () => {
  const zombie = stack.workers[0]!;
  const { jobId, lectureId } = await client().ingest(makeWav(SECONDS, 800), 'zombie');
  await untilTrue('the piece is begun', async () => (await begunOf(800)) === 1);
  zombie.freeze();
  const heir = stack.addWorker();
  expect(await client().untilEnded(jobId)).toMatchObject({ state: 'completed' });
  expect(await begunOf(800)).toBe(2);
  const before = await snapshotOf(lectureId);

  zombie.thaw();
  // It has come to its senses once it has finished another lecture alone.
  await heir.stop();
  const next = await client().ingest(makeWav(SECONDS, 810), 'after-zombie');
  expect(await client().untilEnded(next.jobId)).toMatchObject({ state: 'completed' });
  expect(await snapshotOf(lectureId)).toEqual(before);
  await expectWhole(lectureId, 800);
});

it('fault 17: the work of a worker that is cut off from Temporal is given to another, and it works again once it is back', async () => {
  const cutOff = stack.workers[0]!;
  const { jobId, lectureId } = await client().ingest(makeWav(SECONDS, 820), 'partition');
  await untilTrue('the piece is begun', async () => (await begunOf(820)) === 1);
  // The API asks Temporal over the same link: it comes back with the heal.
  await stack.links.temporal.blackHole();
  const heir = stack.addWorker({ isDirect: true });
  await untilTrue('the lecture is ready', async () => (await client().lecture(lectureId))?.state === 'ready');
  await expectWhole(lectureId, 820);
  const before = await snapshotOf(lectureId);

  await stack.links.temporal.heal();
  expect(await client().untilEnded(jobId)).toMatchObject({ state: 'completed' });
  await heir.stop();
  const next = await client().ingest(makeWav(SECONDS, 830), 'after-partition');
  expect(await client().untilEnded(next.jobId)).toMatchObject({ state: 'completed' });
  expect(await snapshotOf(lectureId)).toEqual(before);
  expect(cutOff.isDown).toBe(false);
});

it('fault 10: a lecture for which memory does not suffice fails typed after five attempts, and others go on beside it', async () => {
  const hopeless = await client().ingest(makeWav(SECONDS, TOO_HIGH_HERTZ), 'too-large');
  await untilTrue('it was tried', async () => (await begunOf(TOO_HIGH_HERTZ)) > 0);
  const other = await client().ingest(makeWav(SECONDS, 840), 'beside-it');
  expect(await client().untilEnded(other.jobId)).toMatchObject({ state: 'completed' });
  expect(await client().untilEnded(hopeless.jobId)).toMatchObject({
    state: 'failed',
    error: { kind: 'out-of-resources', stage: 'transcribe', message: expect.stringContaining('does not fit into memory') as string },
  });
  expect(await begunOf(TOO_HIGH_HERTZ)).toBe(5);
  expect(stack.workers[0]!.isDown).toBe(false);
});
