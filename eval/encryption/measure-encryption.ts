import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import { openMinioObjectStore } from '../../storage/minio-object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { startTestMinio } from '../../tests/support/minio-server.ts';
import { encryptedStore } from './encrypted-store.ts';
import { measureIngests, type IngestCost } from './measure-ingests.ts';
import { compareCosts, type Comparison, type Cost } from './compare-costs.ts';

const CHUNK_BYTES = 1 << 20;

export interface EncryptionMeasurement {
  megabytes: number;
  rounds: number;
  /** A stream put and read back whole, by store; `ratio` is encrypted to plain. */
  objects: Record<'folder' | 'minio', { put: Comparison; get: Comparison }>;
  /** Ingests with models that answer at once: all but inference. */
  ingest: IngestCost;
}

/** What encryption costs: the same work plain and encrypted in turns, so that a busy machine is busy for both. */
export async function measureEncryption(
  { megabytes, rounds, ingests }: { megabytes: number; rounds: number; ingests: number },
  note: (line: string) => void,
): Promise<EncryptionMeasurement> {
  const root = await mkdtemp(join(tmpdir(), 'lectern-encryption-cost-'));
  const minio = await startTestMinio();
  try {
    note(`objects of ${megabytes} MB, ${rounds} rounds`);
    const folder = await measureObjects(await openFilesystemObjectStore(join(root, 'objects')), megabytes, rounds);
    const ofMinio = await measureObjects(await openMinioObjectStore(minio), megabytes, rounds);
    note(`ingests, ${ingests} of each kind`);
    return { megabytes, rounds, objects: { folder, minio: ofMinio }, ingest: await measureIngests(join(root, 'ingests'), ingests) };
  } finally {
    await minio.stop();
    await rm(root, { recursive: true, force: true });
  }
}

async function measureObjects(plain: ObjectStore, megabytes: number, rounds: number): Promise<{ put: Comparison; get: Comparison }> {
  const stores = { plain, encrypted: encryptedStore(plain, [randomBytes(32)]) };
  const costs = { put: { plain: [] as Cost[], encrypted: [] as Cost[] }, get: { plain: [] as Cost[], encrypted: [] as Cost[] } };
  // The first round warms up and is not counted.
  for (let turn = 0; turn <= rounds; turn += 1) {
    for (const kind of turn % 2 === 0 ? (['plain', 'encrypted'] as const) : (['encrypted', 'plain'] as const)) {
      const key = `tenants/${kind}/object`;
      const put = await timed(() => stores[kind].put(key, chunks(megabytes)));
      const get = await timed(async () => drain(await stores[kind].stream(key)));
      if (turn === 0) continue;
      costs.put[kind].push(put);
      costs.get[kind].push(get);
    }
  }
  await plain.close();
  return { put: compareCosts(costs.put), get: compareCosts(costs.get) };
}

async function timed(work: () => Promise<unknown>): Promise<Cost> {
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 };
}

async function* chunks(megabytes: number): AsyncGenerator<Uint8Array> {
  const chunk = randomBytes(CHUNK_BYTES);
  for (let at = 0; at < megabytes; at += 1) yield chunk;
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}
