import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTenantErasure } from '../../api/tenant-erasure.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { parseConfig } from '../../contracts/config.ts';
import { eraseWorkflowId } from '../../contracts/erase-workflow.ts';
import { ingestWorkflowId } from '../../contracts/identity.ts';
import { toIngestStartOptions } from '../../contracts/ingest-start.ts';
import { INGEST_WORKFLOW, TASK_QUEUES } from '../../contracts/stages.ts';
import { openQdrantVectorIndex } from '../../retrieval/qdrant/qdrant-vector-index.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import type { VectorIndex } from '../../retrieval/vector-index.ts';
import { createApiKeyStore } from '../../storage/api-keys.ts';
import { createErasureStore } from '../../storage/erasures.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import { openMinioObjectStore } from '../../storage/minio-object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { wireEraseActivities } from '../../worker/create-erase-activities.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';
import { DIMENSIONS, toLectureId } from '../retrieval/sample-chunks.ts';
import { startTestMinio, type TestMinio } from '../support/minio-server.ts';
import { startQdrant, type QdrantServer } from '../support/qdrant-edge.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { createFakeActivities, untilCancelled } from '../workflows/fake-activities.ts';
import { findBytes } from './find-bytes.ts';
import { plantTenant } from './plant-tenant.ts';

const MARKER = 'PLANTED-7f3a91c2-MARKER';
/** A run of this lecture goes on until it is told to stop; one of the other ends by itself. */
const [STUCK, QUICK] = [toLectureId(1), toLectureId(2)];

let folder: string;
let temporal: TemporalServer;
let native: NativeConnection;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  folder = await mkdtemp(join(tmpdir(), 'lectern-erase-'));
  await mkdir(join(folder, 'temporal'));
  temporal = await startTestTemporal({
    dbFile: join(folder, 'temporal', 'temporal.db'),
    // A history is deleted once the server has noted that it is closed: by default half a minute later.
    dynamicConfig: ['history.visibilityProcessorUpdateAckInterval="1s"', 'history.transferProcessorUpdateAckInterval="1s"'],
  });
  native = await NativeConnection.connect({ address: temporal.address });
  connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection?.close();
  await native?.close();
  await temporal?.stop();
  await rm(folder, { recursive: true, force: true });
});

const ingestOf = (tenantId: string, lectureId: string, course: string) =>
  client.workflow.start(
    INGEST_WORKFLOW,
    toIngestStartOptions(
      { tenantId, lectureId, media: { key: 'k', sha256: 'a'.repeat(64), bytes: 1 }, options: { priority: 'normal' } },
      { course },
    ),
  );

const scheduleOf = (tenantId: string, course: string) =>
  client.schedule.create({
    scheduleId: `${tenantId}/weekly`,
    spec: { intervals: [{ every: '7 days' }] },
    state: { paused: true },
    action: { type: 'startWorkflow', workflowType: INGEST_WORKFLOW, taskQueue: TASK_QUEUES.cpu, args: [{ course }] },
  });

/** The real workflow and activities of an erasure beside ingests that only pretend. */
async function withWorker<T>(stores: { objects: ObjectStore; index: VectorIndex }, work: () => Promise<T>): Promise<T> {
  const fakes = createFakeActivities();
  const cpu = await Worker.create({
    connection: native,
    taskQueue: TASK_QUEUES.cpu,
    workflowBundle: await ensureWorkflowBundle(parseConfig(process.env).LECTERN_CACHE),
    activities: {
      ...fakes.cpu,
      ...wireEraseActivities(stores),
      prepare: (input: Parameters<typeof fakes.cpu.prepare>[0]) =>
        input.lectureId === STUCK ? untilCancelled() : fakes.cpu.prepare(input),
    },
    maxHeartbeatThrottleInterval: 200,
  });
  const gpu = await Worker.create({ connection: native, taskQueue: TASK_QUEUES.gpu, activities: fakes.gpu });
  return cpu.runUntil(gpu.runUntil(work));
}

/** Plants a tenant and its neighbour, erases the one, and gives what its proof says. */
async function eraseOne(stores: { objects: ObjectStore; index: VectorIndex }, doomed: string, neighbour: string) {
  const keys = createApiKeyStore(stores.objects);
  const key = await plantTenant(stores, doomed, STUCK, MARKER);
  await plantTenant(stores, neighbour, QUICK, 'kept');
  await withWorker(stores, async () => {
    await ingestOf(doomed, STUCK, MARKER);
    await (await ingestOf(doomed, QUICK, MARKER)).result();
    await (await ingestOf(neighbour, QUICK, 'kept')).result();
    await scheduleOf(doomed, MARKER);
    await scheduleOf(neighbour, 'kept');
    await createTenantErasure(client, createErasureStore(stores.objects)).start(doomed);
    await client.workflow.getHandle(eraseWorkflowId(doomed)).result();
  });
  expect(await keys.authenticate(key)).toBeUndefined();
  for (const lectureId of [STUCK, QUICK]) {
    await expect(client.workflow.getHandle(ingestWorkflowId(doomed, lectureId)).describe()).rejects.toThrow(/not found/i);
  }
  const schedules: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) schedules.push(scheduleId);
  expect(schedules).toContain(`${neighbour}/weekly`);
  expect(schedules).not.toContain(`${doomed}/weekly`);
  expect(await stores.index.revision(doomed)).toBeNull();
  expect((await stores.index.catalogue(neighbour)).map(({ lectureId }) => lectureId)).toEqual([QUICK]);
  expect((await keys.list(neighbour)).length).toBe(1);
  expect((await client.workflow.getHandle(ingestWorkflowId(neighbour, QUICK)).describe()).status.name).toBe('COMPLETED');
  return createErasureStore(stores.objects).get(doomed);
}

const NOTHING = { objects: 0, encryptionKeys: 0, apiKeys: 0, indexedLectures: 0, schedules: 0, workflows: 0 };

describe('the erasure of a tenant', () => {
  it('leaves no byte in the folder, the SQLite index and Temporal’s database, and a proof', async () => {
    const objects = await openFilesystemObjectStore(join(folder, 'data', 'store'));
    const index = await openSqliteVectorIndex({ path: join(folder, 'data', 'index.sqlite') });
    // Another process reads on, as an API does.
    const reader = await openSqliteVectorIndex({ path: join(folder, 'data', 'index.sqlite'), isWarmed: true });
    try {
      const proof = await eraseOne({ objects, index }, 'doomed', 'neighbour');
      expect(proof).toMatchObject({ removed: { runsStopped: 1, schedules: 1, apiKeys: 1, histories: 2 }, scan: NOTHING, rounds: 1 });
      expect(await findBytes(join(folder, 'data'), MARKER)).toEqual([]);
      // The server deletes in its own time what it no longer finds.
      await expect.poll(() => findBytes(join(folder, 'temporal'), MARKER), { timeout: 60_000 }).toEqual([]);
      // The scan sees what is there.
      for (const place of ['data', 'temporal']) expect(await findBytes(join(folder, place), 'kept'), place).not.toEqual([]);
      // Of the tenant nothing is left but the record that it was erased.
      const named = await findBytes(join(folder, 'data'), 'doomed');
      expect(named.filter((path) => !path.includes('/erasures/doomed.json'))).toEqual([]);
    } finally {
      await reader.close();
      await index.close();
      await objects.close();
    }
  });

  describe('on servers', () => {
    let minio: TestMinio;
    let qdrant: QdrantServer;
    beforeAll(async () => {
      [minio, qdrant] = await Promise.all([startTestMinio(), startQdrant()]);
    });
    afterAll(async () => {
      await minio?.stop();
      await qdrant?.stop();
    });

    it('leaves nothing in MinIO, Qdrant and Temporal, and a proof', async () => {
      const objects = await openMinioObjectStore(minio);
      const index = openQdrantVectorIndex({ url: qdrant.url, dimensions: DIMENSIONS });
      try {
        const proof = await eraseOne({ objects, index }, 'doomed-too', 'neighbour-too');
        expect(proof).toMatchObject({ removed: { runsStopped: 1, schedules: 1, apiKeys: 1, histories: 2 }, scan: NOTHING });
        for await (const { key } of objects.list('')) {
          expect(key).not.toContain('tenants/doomed-too/');
          expect(Buffer.from((await objects.get(key)).body).includes(MARKER), key).toBe(false);
        }
      } finally {
        await index.close();
        await objects.close();
      }
    });
  });
});
