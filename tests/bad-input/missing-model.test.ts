import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { createCpuActivities, createGpuActivities } from '../../worker/create-activities.ts';
import { createModels, type Models } from '../../worker/models.ts';
import { startIngestRunner, type IngestRunner } from '../workflows/ingest-runner.ts';
import { openRealStores, type RealStores } from '../workflows/real-stores.ts';
import { createScriptedModels } from '../workflows/scripted-models.ts';
import { makeWav } from '../workflows/wav.ts';

let cacheDir: string;
let runner: IngestRunner;
let stores: RealStores;
let models: Models;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'lectern-no-models-'));
  const config = parseConfig({ ...process.env, LECTERN_CACHE: cacheDir, LECTERN_OFFLINE: '1' });
  models = createModels({ config, store: await openModelStore(toModelStoreOptions(config)), logger: pino({ level: 'silent' }) });
  runner = await startIngestRunner();
  stores = await openRealStores();
});
afterAll(async () => {
  await models?.close();
  await runner?.close();
  await stores?.close();
  await rm(cacheDir, { recursive: true });
});

it('a model folder that cannot be run stops the worker before it takes any work', async () => {
  const config = parseConfig({ LECTERN_CACHE: cacheDir, LECTERN_OFFLINE: '1', LECTERN_ASR_MODEL: join(cacheDir, 'no-model') });
  const unusable = createModels({ config, store: await openModelStore(toModelStoreOptions(config)), logger: pino({ level: 'silent' }) });
  await expect(unusable.prepare()).rejects.toMatchObject({
    kind: 'model-missing',
    message: expect.stringContaining('no-model cannot be used') as string,
  });
});

it('a missing model fails the job once, with its name and the cure; with the model the same lecture goes on', async () => {
  const scripted = stores.deps(createScriptedModels());
  const lacking = { ...scripted, ...models.openers };
  const input = await stores.upload(makeWav(2, 330));
  const failed = runner.withIngest({ cpu: createCpuActivities(lacking), gpu: createGpuActivities(lacking) }, input, (handle) =>
    handle.result(),
  );
  await expect(failed).rejects.toMatchObject({ cause: { type: 'model-missing', nonRetryable: true } });
  const lecture = await stores.lectures.get(input.tenantId, input.lectureId);
  expect(lecture).toMatchObject({ state: 'failed', failure: { kind: 'model-missing', stage: 'detectSpeech' } });
  expect(lecture?.failure?.message).toMatch(/silero-vad.*sha256.*lectern models pull silero-vad/s);
  expect(await stores.index.catalogue(input.tenantId)).toEqual([]);

  const result = await runner.withIngest({ cpu: createCpuActivities(scripted), gpu: createGpuActivities(scripted) }, input, (handle) =>
    handle.result(),
  );
  expect(result.reused).toEqual(['prepare']);
  expect(await stores.lectures.get(input.tenantId, input.lectureId)).toMatchObject({ state: 'ready' });
});
