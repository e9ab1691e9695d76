import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, type DataConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTenantRuns } from '../../activities/tenant-runs.ts';
import { readHeartbeats } from '../../api/heartbeats.ts';
import { createTenantErasure } from '../../api/tenant-erasure.ts';
import { parseConfig } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { eraseWorkflowId } from '../../contracts/erase-workflow.ts';
import { toIngestStartOptions } from '../../contracts/ingest-start.ts';
import type { IngestInput, IngestResult } from '../../contracts/ingest.ts';
import { FAILURE_MEMO, INGEST_WORKFLOW, PROGRESS_QUERY, TASK_QUEUES } from '../../contracts/stages.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import { createEncryptedObjectStore } from '../../storage/encryption/encrypted-object-store.ts';
import { createErasureStore } from '../../storage/erasures.ts';
import { createTenantKeys } from '../../storage/encryption/tenant-keys.ts';
import { readMasterKeys } from '../../storage/encryption/master-keys.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import { tenantKeyKey, tenantOfKey } from '../../storage/keys.ts';
import { openMinioObjectStore } from '../../storage/minio-object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { createCpuActivities, createGpuActivities } from '../../worker/create-activities.ts';
import { wireEraseActivities } from '../../worker/create-erase-activities.ts';
import { openDataConverter } from '../../worker/encryption/data-converter.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';
import { startTestMinio, type TestMinio } from '../support/minio-server.ts';
import { createFakeActivities } from '../workflows/fake-activities.ts';
import { ingestInput, startIngestRunner, type IngestRunner } from '../workflows/ingest-runner.ts';
import { openRealStores, type RealStores } from '../workflows/real-stores.ts';
import { createScriptedModels, type ScriptedModels } from '../workflows/scripted-models.ts';
import { makeWav } from '../workflows/wav.ts';
import { scanFiles } from './scan-files.ts';

const TITLE = 'Zwiebelkuchen';
const WORD = 'Quittenmarmelade';
const MENDED = 'Blaubeerpfannkuchen';
const FATAL = 'Rhabarberstreusel';
const PLANTED = [TITLE, WORD, MENDED, FATAL];

const MASTER_KEY = { LECTERN_MASTER_KEY: randomBytes(32).toString('base64') };
const config = parseConfig(MASTER_KEY);
let root: string;
let minio: TestMinio;
let runner: IngestRunner;
/** Where keys lie, for Temporal as for the objects of the folder. */
let keyStore: ObjectStore;

/** As a process that has just started: nothing held. */
const freshConverter = async (): Promise<DataConverter> => (await openDataConverter(config, keyStore))!;
const freshClient = async (): Promise<Client> =>
  new Client({ connection: runner.client.connection, dataConverter: await freshConverter() });

async function encrypted(objects: ObjectStore): Promise<ObjectStore> {
  const masterKeys = (await readMasterKeys(config))!;
  return createEncryptedObjectStore({ objects, keys: createTenantKeys({ objects, masterKeys }), ownerOf: tenantOfKey });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lectern-encrypted-'));
  minio = await startTestMinio();
  keyStore = await openFilesystemObjectStore(join(root, 'folder', 'store'));
  runner = await startIngestRunner({
    dbFile: join(root, 'temporal', 'temporal.db'),
    // A history is deleted once the server has noted that it is closed: by default half a minute later.
    dynamicConfig: ['history.visibilityProcessorUpdateAckInterval="1s"', 'history.transferProcessorUpdateAckInterval="1s"'],
    dataConverter: await freshConverter(),
  });
});
afterAll(async () => {
  await runner?.close();
  await keyStore?.close();
  await minio?.stop();
  await rm(root, { recursive: true, force: true });
});

/** A model that says the planted word, and one that fails once, telling another. */
function plantedModels(): ScriptedModels {
  const models = createScriptedModels();
  const transcriber = {
    ...models.transcriber,
    load: async () => {
      const real = await models.transcriber.load();
      return {
        ...real,
        transcribe: async (...given: Parameters<typeof real.transcribe>) => {
          const heard = await real.transcribe(...given);
          const segments = heard.segments.map((segment) => ({
            ...segment,
            words: segment.words.map((word, index) => (index === 1 ? { ...word, text: WORD } : word)),
          }));
          return { ...heard, segments };
        },
      };
    },
  };
  const diarizer = {
    ...models.diarizer,
    load: async () => {
      throw new LecternError('invalid-input', `this cannot be diarized: ${MENDED}`);
    },
  };
  return { ...models, transcriber, diarizer };
}

/** A lecture with the planted title, ingested with planted words and a planted error on the way. */
async function ingest(stores: RealStores, seconds: number): Promise<{ input: IngestInput; result: IngestResult; workflowId: string }> {
  const input = await stores.upload(makeWav(seconds, 300));
  await stores.lectures.update(input.tenantId, input.lectureId, (lecture) => ({
    ...lecture,
    metadata: { ...lecture.metadata, title: TITLE },
  }));
  const deps = stores.deps(plantedModels());
  const activities = { cpu: createCpuActivities(deps), gpu: createGpuActivities(deps) };
  return runner.withIngest(activities, input, async (handle) => ({ input, result: await handle.result(), workflowId: handle.workflowId }));
}

/** A run that fails for good, with a planted text in its error. */
async function fail(): Promise<string> {
  const transcribePiece = async () => {
    throw ApplicationFailure.nonRetryable(`no words for ${FATAL}`, 'unsupported-media');
  };
  return runner.withIngest(createFakeActivities({ gpu: { transcribePiece } }), ingestInput(), async (handle) => {
    await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    return handle.workflowId;
  });
}

const failureOf = async (handle: WorkflowHandle): Promise<unknown> => handle.result().catch((error: unknown) => error);

describe('with a master key', () => {
  it('nothing planted is readable in the folder of objects or in Temporal’s database, and all of it through the keys', async () => {
    const stores = await openRealStores(join(root, 'folder'), async (path) => encrypted(await openFilesystemObjectStore(path)));
    const { input, result, workflowId } = await ingest(stores, 2);
    expect(result.degraded).toContainEqual({ stage: 'diarize', reason: `this cannot be diarized: ${MENDED}` });
    const failed = await fail();

    const lecture = await stores.lectures.get(input.tenantId, input.lectureId);
    expect(lecture?.metadata.title).toBe(TITLE);
    const client = await freshClient();
    expect(await client.workflow.getHandle(workflowId).result()).toEqual(result);
    const failure = await failureOf(client.workflow.getHandle(failed));
    expect((failure as WorkflowFailedError).cause?.message).toBe(`transcribe: no words for ${FATAL}`);
    expect((await client.workflow.getHandle(failed).describe()).memo?.[FAILURE_MEMO]).toMatchObject({ message: `no words for ${FATAL}` });

    // The scan sees what is there: workflow types and ids are not encrypted, and neither is the index.
    expect(await scanFiles(join(root, 'temporal'), [...PLANTED, INGEST_WORKFLOW, input.lectureId])).toEqual([
      INGEST_WORKFLOW,
      input.lectureId,
    ]);
    expect(await scanFiles(join(root, 'folder', 'store'), [...PLANTED, input.lectureId])).toEqual([input.lectureId]);
    expect(await scanFiles(join(root, 'folder'), PLANTED)).toEqual([TITLE, WORD]);
    await stores.index.close();
  });

  it('the same goes for MinIO', async () => {
    const raw = await openMinioObjectStore(minio);
    const stores = await openRealStores(join(root, 'minio'), async () => encrypted(raw));
    const { input } = await ingest(stores, 3);
    const transcript = (await stores.lectures.get(input.tenantId, input.lectureId))?.artifacts.transcript;
    expect(Buffer.from((await stores.objects.get(transcript!)).body).includes(WORD)).toBe(true);
    const readable: string[] = [];
    let objects = 0;
    for await (const { key } of raw.list('tenants/')) {
      const { body } = await raw.get(key);
      objects += 1;
      readable.push(...PLANTED.filter((word) => Buffer.from(body).includes(word)));
    }
    expect(objects).toBeGreaterThan(5);
    expect(readable).toEqual([]);
    await stores.index.close();
    await raw.close();
  });

  it('a recorded history replays, and only through the codec', async () => {
    const workflowId = await fail();
    const { client } = runner;
    const history = await client.workflow.getHandle(workflowId).fetchHistory();
    const workflowBundle = await ensureWorkflowBundle(config.LECTERN_CACHE, { isEncrypted: true });
    await Worker.runReplayHistory({ workflowBundle, dataConverter: await freshConverter() }, history, workflowId);
    await expect(Worker.runReplayHistory({ workflowBundle }, history, workflowId)).rejects.toThrow();
  });

  it('runs that were started before it go on, queries and heartbeats are read, and schedules start runs', async () => {
    const plain = new Client({ connection: runner.client.connection });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const fakes = createFakeActivities();
    const cpu = {
      ...fakes.cpu,
      prepare: async (input: Parameters<typeof fakes.cpu.prepare>[0]) => {
        Context.current().heartbeat({ doneSeconds: 7 });
        await released;
        return fakes.cpu.prepare(input);
      },
    };
    const stops = await Promise.all([runner.startWorker(TASK_QUEUES.cpu, cpu), runner.startWorker(TASK_QUEUES.gpu, fakes.gpu)]);
    try {
      const input = ingestInput();
      const options = toIngestStartOptions(input, {});
      const started = await plain.workflow.start<(given: IngestInput) => Promise<IngestResult>>(INGEST_WORKFLOW, options);
      const client = await freshClient();
      const handle = client.workflow.getHandle(started.workflowId);
      const heartbeats = async () => readHeartbeats(client, await handle.describe());
      while ((await heartbeats()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await heartbeats()).toEqual([{ activity: 'prepare', details: { doneSeconds: 7 } }]);
      expect(await handle.query(PROGRESS_QUERY)).toMatchObject({ degraded: [] });
      release();
      expect(await handle.result()).toMatchObject({ lectureId: input.lectureId });

      const scheduled = ingestInput();
      const schedule = await client.schedule.create({
        scheduleId: 'demo/encrypted',
        spec: {},
        action: {
          type: 'startWorkflow',
          workflowType: INGEST_WORKFLOW,
          taskQueue: TASK_QUEUES.cpu,
          workflowId: 'demo/scheduled/ingest',
          args: [scheduled],
        },
      });
      await schedule.trigger();
      while (!fakes.calls.some(({ input: { lectureId } }) => lectureId === scheduled.lectureId))
        await new Promise((resolve) => setTimeout(resolve, 50));
      await schedule.delete();
    } finally {
      release();
      await Promise.all(stops.map((stop) => stop()));
    }
  });

  it('an erasure destroys the key, and its proof is readable without it', async () => {
    const [objects, index] = [await encrypted(keyStore), await openSqliteVectorIndex({ path: join(root, 'doomed.sqlite') })];
    const input = { ...ingestInput(), tenantId: 'doomed' };
    await objects.put('tenants/doomed/settings.json', Buffer.from('{}'));
    const fakes = createFakeActivities();
    const cpu = { ...fakes.cpu, ...wireEraseActivities({ objects, index }) };
    const nothing = { objects: 0, encryptionKeys: 0, apiKeys: 0, indexedLectures: 0, schedules: 0, workflows: 0 };
    await runner.withIngest({ cpu, gpu: fakes.gpu }, input, async (handle) => {
      await handle.result();
      expect(await keyStore.head(tenantKeyKey('doomed'))).toBeDefined();
      await createTenantErasure(runner.client, createErasureStore(keyStore)).start('doomed');
      expect(await runner.client.workflow.getHandle(eraseWorkflowId('doomed')).result()).toEqual(nothing);
    });
    expect(await keyStore.head(tenantKeyKey('doomed'))).toBeUndefined();
    expect(await (await freshClient()).workflow.getHandle(eraseWorkflowId('doomed')).result()).toEqual(nothing);
    await index.close();
  });

  it('destroying the tenant’s key makes objects and histories unreadable, and says so', async () => {
    const workflowId = await fail();
    await (await encrypted(keyStore)).put('tenants/demo/settings.json', Buffer.from('{}'));
    await keyStore.delete(tenantKeyKey('demo'));
    const destroyed = { kind: 'conflict', message: expect.stringMatching(/the key [0-9a-f]{16} of tenant demo was destroyed/) as string };
    const objects = await encrypted(keyStore);
    let sealed = 0;
    for await (const { key } of objects.list('tenants/demo/')) {
      await expect(objects.get(key)).rejects.toMatchObject(destroyed);
      sealed += 1;
    }
    expect(sealed).toBeGreaterThan(0);
    const client = await freshClient();
    await expect(client.workflow.getHandle(workflowId).describe()).rejects.toMatchObject(destroyed);
    expect(await failureOf(client.workflow.getHandle(workflowId))).toMatchObject(destroyed);
    // An erasure must still find what it cannot read.
    expect((await createTenantRuns(client).count('demo')).workflows).toBeGreaterThan(0);
  });
});
