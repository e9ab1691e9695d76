import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../eval/metrics/seeded-random.ts';
import { lectureKey, lecturePrefix } from '../../storage/keys.ts';
import { createLectureStore } from '../../storage/lectures.ts';
import { makeWav } from '../workflows/wav.ts';
import { countRecomputed } from './chaos/count-recomputed.ts';
import { startFaultStack, TENANTS, type FaultStack } from './fault-stack.ts';
import { untilTrue } from './until-true.ts';

const KILLS = 20;
/** Five pieces. */
const SECONDS = 1_520;
const HERTZ = 523;
const PIECE_MS = 6_000;
/** A worker lives at most so long once it works: about every second piece is finished. */
const LONGEST_LIFE_MS = 10_000;
const SEED = Number(process.env['LECTERN_FAULT_SEED'] ?? 7);
const TENANT = TENANTS[0];

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ index: 'sqlite', workers: 1, pieceMs: PIECE_MS });
});
afterAll(() => stack?.close());

interface Result {
  /** SHA-256 of every object of the lecture but its document, by key. */
  objects: Record<string, string>;
  /** Without the times at which it was written. */
  document: unknown;
  generation: string | null;
  chunks: number;
}

async function readResult(lectureId: string): Promise<Result> {
  const { objects, index } = stack.truth;
  const digests: Record<string, string> = {};
  for await (const { key } of objects.list(lecturePrefix(TENANT, lectureId))) {
    if (key === lectureKey(TENANT, lectureId)) continue;
    digests[key] = createHash('sha256')
      .update((await objects.get(key)).body)
      .digest('hex');
  }
  const { createdAt: _made, updatedAt: _changed, ...document } = (await createLectureStore(objects).get(TENANT, lectureId))!;
  const generation = await index.activeGeneration(TENANT, lectureId);
  return { objects: digests, document, generation, chunks: await index.countChunks(TENANT, lectureId, generation ?? '') };
}

it(`fault 1: twenty kills of the worker at random moments (seed ${SEED}) change no byte of the result`, async () => {
  const client = stack.clients[TENANT];
  const recording = makeWav(SECONDS, HERTZ);
  const faultless = await client.ingest(recording, 'faultless');
  expect(await client.untilEnded(faultless.jobId)).toMatchObject({ state: 'completed' });
  const expected = await readResult(faultless.lectureId);
  expect(Object.keys(expected.objects).length).toBeGreaterThan(12);
  const callsBefore = (await stack.inferences()).length;
  expect(callsBefore).toBe(5);
  await client.deleteLecture(faultless.lectureId);

  const { jobId, lectureId } = await client.ingest(recording, 'with-faults');
  expect(lectureId).toBe(faultless.lectureId);
  const random = seededRandom(SEED);
  const worker = stack.workers[0]!;
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await untilTrue('the worker works', () => worker.hasLogged('workers are running'));
    await sleep(random() * LONGEST_LIFE_MS);
    const { state } = (await (await client.ask(`/api/v1/jobs/${jobId}`)).json()) as { state: string };
    expect(state, `before kill ${kill}`).toBe('running');
    await worker.kill();
    worker.revive();
  }
  expect(await client.untilEnded(jobId)).toMatchObject({ state: 'completed' });
  expect(await readResult(lectureId)).toEqual(expected);
  expect(countRecomputed((await stack.inferences()).slice(callsBefore))).toBeLessThanOrEqual(KILLS);
});
