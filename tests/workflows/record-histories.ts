/**
 * Records a history for each path of `ingestLecture` into `histories/`, for the replay test. Run it after a change of the workflow that
 * replays on purpose no more: `node tests/workflows/record-histories.ts`. While runs of the old code may still be under way, such a
 * change goes behind `patched()` instead, and the old histories stay: `all-pieces-at-once` is of before pieces had a window.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { createFakeActivities, untilCancelled, type FakeActivities, type FakeOptions } from './fake-activities.ts';
import { ingestInput, startIngestRunner, until, type IngestHandle } from './ingest-runner.ts';
import { recordPublishHistories } from './record-publish-histories.ts';
import { recordEraseHistories } from './record-erase-histories.ts';
import { recordReindexHistories } from './record-reindex-histories.ts';
import { recordRetryHistories } from './record-retry-histories.ts';

const refuse = (message: string, type: string) => async () => {
  throw ApplicationFailure.nonRetryable(message, type);
};
const finish = (handle: IngestHandle) => handle.result().catch(() => undefined);

const PATHS: Record<string, { options: FakeOptions; work: (handle: IngestHandle, fakes: FakeActivities) => Promise<unknown> }> = {
  completed: { options: {}, work: finish },
  long: { options: { pieces: Array.from({ length: 12 }, (_, index) => index * 300) }, work: finish },
  silent: { options: { pieces: [] }, work: finish },
  degraded: {
    options: {
      cpu: { contextualize: async () => ({ artifact: { key: 'k', digest: 'd' }, reused: false, contextualized: false }) },
      gpu: { diarize: refuse('segmentation-3.0 is missing', 'model-missing') },
    },
    work: finish,
  },
  voices: {
    options: {
      gpu: {
        diarize: async () => {
          const [artifact, voices] = [
            { key: 'k', digest: 'd' },
            { key: 'v', digest: 'e' },
          ];
          return { artifact, voices, reused: false, speakers: 3 };
        },
      },
    },
    work: finish,
  },
  failed: { options: { cpu: { index: refuse('another generation was activated', 'conflict') } }, work: finish },
  cancelled: {
    options: { gpu: { diarize: untilCancelled } },
    async work(handle, fakes) {
      await until(() => fakes.calls.some(({ name }) => name === 'joinTranscription'));
      await handle.cancel();
      return finish(handle);
    },
  },
};

const folder = fileURLToPath(new URL('./histories/', import.meta.url));
await mkdir(folder, { recursive: true });
const runner = await startIngestRunner();
for (const [name, { options, work }] of Object.entries(PATHS)) {
  const fakes = createFakeActivities(options);
  await runner.withIngest(fakes, ingestInput(), async (handle) => {
    await work(handle, fakes);
    const history = JSON.parse(historyToJSON(await handle.fetchHistory())) as object;
    await writeFile(`${folder}${name}.json`, `${JSON.stringify(history, withoutMachine)}\n`);
    console.log(`recorded ${name}`);
  });
}
await mkdir(`${folder}reindex`, { recursive: true });
await recordReindexHistories(runner, async (name, workflowId, runId) => {
  const history = JSON.parse(historyToJSON(await runner.client.workflow.getHandle(workflowId, runId).fetchHistory())) as object;
  await writeFile(`${folder}reindex/${name}.json`, `${JSON.stringify({ workflowId, history }, withoutMachine)}\n`);
  console.log(`recorded reindex/${name}`);
});
await mkdir(`${folder}publish`, { recursive: true });
await recordPublishHistories(runner, async (name, workflowId) => {
  const history = JSON.parse(historyToJSON(await runner.client.workflow.getHandle(workflowId).fetchHistory())) as object;
  await writeFile(`${folder}publish/${name}.json`, `${JSON.stringify({ workflowId, history }, withoutMachine)}\n`);
  console.log(`recorded publish/${name}`);
});
await mkdir(`${folder}retry`, { recursive: true });
await recordRetryHistories(runner, async (name, workflowId, runId) => {
  const history = JSON.parse(historyToJSON(await runner.client.workflow.getHandle(workflowId, runId).fetchHistory())) as object;
  await writeFile(`${folder}retry/${name}.json`, `${JSON.stringify({ workflowId, history }, withoutMachine)}\n`);
  console.log(`recorded retry/${name}`);
});
await mkdir(`${folder}erase`, { recursive: true });
await recordEraseHistories(runner, async (name, workflowId) => {
  const history = JSON.parse(historyToJSON(await runner.client.workflow.getHandle(workflowId).fetchHistory())) as object;
  await writeFile(`${folder}erase/${name}.json`, `${JSON.stringify({ workflowId, history }, withoutMachine)}\n`);
  console.log(`recorded erase/${name}`);
});
await runner.close();

/** Host names, process ids and stack traces belong to the machine that recorded. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'identity') return 'recorder';
  return key === 'stackTrace' ? '' : value;
}
