import { afterAll, beforeAll, expect, it } from 'vitest';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import { createCpuActivities, createGpuActivities } from '../../worker/create-activities.ts';
import { startIngestRunner, type IngestRunner } from './ingest-runner.ts';
import { openRealStores, type RealStores } from './real-stores.ts';
import { createScriptedModels } from './scripted-models.ts';
import { makeWav } from './wav.ts';

/** `npm run eval -- orchestration --only semester` does it with fifty, through the API. */
const LECTURES = 10;

let runner: IngestRunner;
let stores: RealStores;
beforeAll(async () => {
  runner = await startIngestRunner();
  stores = await openRealStores();
});
afterAll(async () => {
  await runner.close();
  await stores.close();
});

it('asks no model and decodes nothing when a semester that has not changed is ingested again', async () => {
  const models = createScriptedModels();
  let decoded = 0;
  const deps = stores.deps(models);
  const media = async () => {
    decoded += 1;
    return deps.media();
  };
  const stops = [
    await runner.startWorker(TASK_QUEUES.cpu, createCpuActivities({ ...deps, media })),
    await runner.startWorker(TASK_QUEUES.gpu, createGpuActivities(deps)),
  ];
  const inputs = await Promise.all(Array.from({ length: LECTURES }, (_, lecture) => stores.upload(makeWav(1, 200 + lecture * 5))));
  const ingestAll = () => Promise.all(inputs.map(async (input) => (await runner.start(input)).result()));

  const first = await ingestAll();
  // Each of them was asked for each lecture, or the counts below would say nothing.
  expect([decoded, models.calls.length]).toEqual([LECTURES, 4 * LECTURES]);
  models.calls.length = 0;
  decoded = 0;
  const again = await ingestAll();
  expect(models.calls).toEqual([]);
  expect(decoded).toBe(0);
  expect(again.flatMap(({ computed }) => computed)).toEqual([]);
  expect(again.map(({ generation }) => generation)).toEqual(first.map(({ generation }) => generation));
  await Promise.all(stops.map((stop) => stop()));
});
