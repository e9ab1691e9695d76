import { readFileSync } from 'node:fs';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retryIngest } from '../../api/retry-ingest.ts';
import { toJobId } from '../../contracts/identity.ts';
import type { Lecture } from '../../contracts/lecture.ts';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import { introduceBuild, pinnedTo } from '../../worker/deployment.ts';
import { bundleNext, bundleToday, type Build } from './builds/bundle-build.ts';
import { createFakeActivities } from './fake-activities.ts';
import { ingestInput, startIngestRunner, until, type IngestHandle, type IngestRunner } from './ingest-runner.ts';

// Upgrades with runs in flight, on a real server: the workers of one build stop, those of the next one start.

let runner: IngestRunner;
let native: NativeConnection;
let today: Build;
let patched: Build;
let changed: Build;
beforeAll(async () => {
  [today, patched, changed] = [await bundleToday(), await bundleNext('patched'), await bundleNext('changed')];
  runner = await startIngestRunner();
  native = await NativeConnection.connect({ address: runner.address });
});
afterAll(async () => {
  await native?.close();
  await runner?.close();
});

const FIRST = 'done first';

/** Fakes whose `embed` waits until it is let on, or fails where it is broken. */
function createGate() {
  let [isOpen, isBroken] = [false, false];
  const fakes = createFakeActivities({
    gpu: {
      embed: async () => {
        await until(() => isOpen);
        if (isBroken) throw ApplicationFailure.nonRetryable('the model is gone', 'model-missing');
        return { artifact: { key: 'k', digest: 'e'.repeat(64) }, reused: false };
      },
    },
  });
  const waiting = () => until(() => fakes.calls.some(({ name }) => name === 'embed'));
  return { fakes, waiting, open: () => (isOpen = true), breakIt: () => (isBroken = true) };
}

const replay = (build: Build, name: string) =>
  Worker.runReplayHistory(
    { workflowBundle: build, replayName: name },
    JSON.parse(readFileSync(new URL(`./histories/${name}.json`, import.meta.url), 'utf8')),
    'demo/lec_0123456789abcdef01234567/ingest',
  );

describe('the next builds of this test', () => {
  it('are one that histories replay on, and one that they do not', async () => {
    await expect(replay(patched, 'completed')).resolves.toBeUndefined();
    await expect(replay(changed, 'completed')).rejects.toThrow(/nondeterminism|determinism/i);
  });
});

it('goes on with a run of the build before where the change is behind a patch, and begins new ones with it', async () => {
  const { fakes, waiting, open } = createGate();
  const stopGpu = await runner.startWorker(TASK_QUEUES.gpu, fakes.gpu);
  const stopToday = await runner.startWorker(TASK_QUEUES.cpu, fakes.cpu, { workflowBundle: today });
  const before = await runner.start(ingestInput());
  await waiting();
  await stopToday();
  const stopNext = await runner.startWorker(TASK_QUEUES.cpu, fakes.cpu, { workflowBundle: patched });
  open();
  expect(await before.result()).toMatchObject({ chunks: 12 });
  expect(fakes.discarded).toEqual([]);
  expect(await (await runner.start(ingestInput())).result()).toMatchObject({ chunks: 12 });
  expect(fakes.discarded).toEqual([FIRST]);
  await Promise.all([stopNext(), stopGpu()]);
});

describe('runs that are pinned to their build', () => {
  const buildOf = async (handle: IngestHandle) =>
    (await handle.describe()).raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
  const introduce = ({ codePath }: Build) =>
    introduceBuild(native, { namespace: 'default', codePath, logger: pino({ level: 'silent' }), signal: new AbortController().signal });
  /** Workers of a build, as a process of it starts them. */
  const startBuild = async (build: Build, activities: Parameters<IngestRunner['startWorker']>[1]) => {
    const stop = await runner.startWorker(TASK_QUEUES.cpu, activities, { workflowBundle: build, ...pinnedTo(build) });
    await introduce(build);
    return stop;
  };

  it('end on it, beside new ones on the next, which no history of theirs would replay on', async () => {
    const { fakes, waiting, open } = createGate();
    const stops = [await runner.startWorker(TASK_QUEUES.gpu, fakes.gpu), await startBuild(today, fakes.cpu)];
    const before = await runner.start(ingestInput());
    await waiting();
    stops.push(await startBuild(changed, fakes.cpu));
    open();
    const after = await runner.start(ingestInput());
    expect(await after.result()).toMatchObject({ chunks: 12 });
    expect(fakes.discarded).toEqual([FIRST]);
    expect(await before.result()).toMatchObject({ chunks: 12 });
    expect(fakes.discarded).toEqual([FIRST]);
    expect(await buildOf(before)).not.toBe(await buildOf(after));

    // A worker of the old build that starts again, to let its runs end, takes no new ones.
    await introduce(today);
    const later = await runner.start(ingestInput());
    await later.result();
    expect(await buildOf(later)).toBe(await buildOf(after));
    await Promise.all(stops.map((stop) => stop()));
  });

  it('are begun anew when they are retried on another build: nobody may be left to go on with them', async () => {
    const { fakes, open, breakIt } = createGate();
    breakIt();
    open();
    const stopGpu = await runner.startWorker(TASK_QUEUES.gpu, fakes.gpu);
    const stopChanged = await startBuild(changed, fakes.cpu);
    const input = ingestInput();
    const failed = await runner.start(input);
    await expect(failed.result()).rejects.toThrow('Workflow execution failed');
    const lecture = { ...input, metadata: {}, state: 'failed', updatedAt: '' } as unknown as Lecture;
    const lectures = { get: async () => lecture, update: async () => lecture };
    const retry = (handle: IngestHandle) =>
      retryIngest(
        { client: runner.client, lectures },
        { tenantId: input.tenantId, jobId: toJobId(input.lectureId, handle.firstExecutionRunId) },
      );
    const stopPatched = await startBuild(patched, fakes.cpu);
    await stopChanged();
    expect(await retry(failed)).toMatchObject({ how: 'anew', reason: 'it began on another build' });
    await runner.client.workflow
      .getHandle(failed.workflowId)
      .result()
      .catch(() => undefined);
    await Promise.all([stopPatched(), stopGpu()]);
  });
});
