import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import { TranscriptSchema } from '../../contracts/transcript.ts';
import { createCpuActivities, createGpuActivities } from '../../worker/create-activities.ts';
import { startIngestRunner, type IngestRunner } from './ingest-runner.ts';
import { openRealStores, type RealStores } from './real-stores.ts';
import { createScriptedModels } from './scripted-models.ts';
import { makeWav } from './wav.ts';

/** Three pieces of five minutes; the worker dies in its second. */
const SECONDS = 900;

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

function startDoomedWorker() {
  const script = fileURLToPath(new URL('doomed-worker.ts', import.meta.url));
  const child = spawn(process.execPath, [script, runner.address, stores.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stalling = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the worker ended by itself with ${code}`)));
  });
  return { child, stalling };
}

it('goes on at the last finished piece when its worker is killed', async () => {
  const input = { ...(await stores.upload(makeWav(SECONDS, 440))), options: { priority: 'normal' as const, language: 'en' } };
  const stopCpu = await runner.startWorker(TASK_QUEUES.cpu, createCpuActivities(stores.deps(createScriptedModels())));
  const { child, stalling } = startDoomedWorker();
  const handle = await runner.start(input);
  await stalling;
  child.kill('SIGKILL');

  const models = createScriptedModels();
  const stopGpu = await runner.startWorker(TASK_QUEUES.gpu, createGpuActivities(stores.deps(models)));
  const result = await handle.result();
  await Promise.all([stopCpu(), stopGpu()]);

  expect(models.calls.filter((call) => call === 'transcribe')).toHaveLength(2);
  expect(result.degraded.map(({ stage }) => stage)).toEqual(['contextualize']);
  const lecture = await stores.lectures.get(input.tenantId, input.lectureId);
  const { artifacts } = stores.deps(models);
  const transcript = await artifacts.read({ key: lecture?.artifacts.transcript ?? '' }, TranscriptSchema);
  const words = transcript.turns.flatMap((turn) => turn.words);
  expect(words).toHaveLength(3 * 9);
  expect(words.at(-1)?.endSeconds).toBeCloseTo(SECONDS);
}, 180_000);
