import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { IngestInput } from '../../contracts/ingest.ts';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import { createFakeActivities } from './fake-activities.ts';
import { startGatedGpuWorker, waitsForGpu, type GatedGpuWorker } from './gated-gpu-worker.ts';
import { ingestInput, startIngestRunner, until, type IngestHandle, type IngestRunner } from './ingest-runner.ts';

const SHORT_PIECES = 2;
/** Three hours. */
const LONG_PIECES = 36;

let runner: IngestRunner;
let stopCpu: () => Promise<void>;
let gpu: GatedGpuWorker;
const started: IngestHandle[] = [];
/** Lecture ids. */
const long = new Set<string>();

beforeAll(async () => {
  runner = await startIngestRunner();
  stopCpu = await runner.startWorker(TASK_QUEUES.cpu, createFakeActivities().cpu);
});
afterAll(async () => {
  await stopCpu();
  await runner.close();
});
beforeEach(async () => {
  gpu = await startGatedGpuWorker(runner.address, {
    gpu: {
      detectSpeech: async ({ lectureId }) => {
        const pieces = Array.from({ length: long.has(lectureId) ? LONG_PIECES : SHORT_PIECES }, (_, index) => {
          return { startSeconds: index * 300, endSeconds: index * 300 + 300 };
        });
        return { artifact: { key: 'k', digest: 'd'.repeat(64) }, reused: false, pieces, speechSeconds: pieces.length * 300 };
      },
    },
  });
});
afterEach(async () => {
  // Nothing of one test may stand in the queue of the next.
  await Promise.all(started.splice(0).map((handle) => handle.terminate().catch(() => undefined)));
  gpu.open();
  await gpu.stop();
});

/** Starts an ingest and returns when it stands in the GPU queue or has the worker. */
async function queue(input: IngestInput): Promise<IngestHandle> {
  const handle = await runner.start(input);
  started.push(handle);
  await Promise.race([waitsForGpu(handle), until(() => gpu.dispatched.some(({ lectureId }) => lectureId === input.lectureId))]);
  return handle;
}

/** For each activity of this run on the GPU queue, how many others were begun while it waited. */
async function countAhead(handle: IngestHandle, lectureId: string): Promise<number[]> {
  const counts: number[] = [];
  const isServed = () => gpu.dispatched.at(-1)?.lectureId === lectureId;
  while (await waitsForGpu(handle)) {
    let ahead = 0;
    for (await gpu.workOn(); !isServed(); ahead += 1) await gpu.workOn();
    counts.push(ahead);
    // Its own activity ends: whatever it asks for next meets a busy worker.
    while (isServed()) await gpu.step();
  }
  return counts;
}

it('lets a tenant that comes with one lecture wait for two pieces at most, where another has fifty queued', async () => {
  const large = Array.from({ length: 50 }, () => ({ ...ingestInput({ language: 'en' }), tenantId: 'large' }));
  for (const { lectureId } of large.slice(0, 10)) long.add(lectureId);
  await Promise.all(large.map(queue));
  // Past the first stage of all: what is queued now are pieces and diarizations.
  while (gpu.dispatched.at(-1)?.activity === 'detectSpeech') await gpu.step();

  const small = { ...ingestInput(), tenantId: 'small' };
  const ahead = await countAhead(await queue(small), small.lectureId);
  // With the one that was under way when it came: two.
  expect(Math.max(...ahead)).toBeLessThanOrEqual(1);
  // Its detection, two pieces, diarization and embedding.
  expect(gpu.dispatched.filter(({ tenantId }) => tenantId === 'small')).toHaveLength(5);
}, 300_000);

it('serves high before normal before low priority, whatever came first', async () => {
  const tenantId = 'one';
  await queue({ ...ingestInput(), tenantId });
  const levels = ['low', 'normal', 'high', 'high', 'normal', 'low'] as const;
  const inputs = levels.map((priority) => ({ ...ingestInput({ priority }), tenantId }));
  for (const input of inputs) await queue(input);
  await gpu.workOn();
  const detected = () => gpu.dispatched.slice(1).filter(({ activity }) => activity === 'detectSpeech');
  while (detected().length < inputs.length) await gpu.step();
  const served = detected().map(({ lectureId }) => inputs.find((input) => input.lectureId === lectureId)?.options.priority);
  expect(served).toEqual(['high', 'high', 'normal', 'normal', 'low', 'low']);
});

it('lets a short lecture through between the pieces of one of three hours of the same tenant', async () => {
  const tenantId = 'one';
  const lecture = { ...ingestInput({ language: 'en' }), tenantId };
  long.add(lecture.lectureId);
  await queue(lecture);
  await gpu.step();
  const short = { ...ingestInput(), tenantId };
  await queue(short);
  await gpu.workOn();
  while (gpu.dispatched.at(-1)?.lectureId !== short.lectureId) await gpu.step();
  const pieces = gpu.dispatched.filter(({ lectureId }) => lectureId === lecture.lectureId);
  // Detection, diarization, a window of pieces, and one more for each that ended before the short one stood there.
  expect(pieces.length).toBeLessThan(LONG_PIECES / 2);
});
