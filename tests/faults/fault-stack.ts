import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takePort } from '../../cli/embedded/free-port.ts';
import type { NewApiKey } from '../../contracts/api-keys.ts';
import { parseConfig, type Config } from '../../contracts/config.ts';
import type { VectorIndex } from '../../retrieval/vector-index.ts';
import { openMinioObjectStore } from '../../storage/minio-object-store.ts';
import { createApiKeyStore } from '../../storage/api-keys.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { openIndex } from '../../worker/open-index.ts';
import { startTestMinio } from '../support/minio-server.ts';
import { startQdrant } from '../support/qdrant-edge.ts';
import { findToxiproxyBinary, startToxiproxy, type FaultyLink } from '../support/toxiproxy.ts';
import { createFaultClient, type FaultClient } from './fault-client.ts';
import type { InferenceCall } from './fault-models.ts';
import { startRevivable, type RevivableProcess } from './revivable-process.ts';
import { startRevivableTemporal, type RevivableTemporal } from './revivable-temporal.ts';

export const TENANTS = ['north-uni', 'south-uni'] as const;
export type FaultTenant = (typeof TENANTS)[number];

/** A whole Lectern of processes, each of which can be killed, on stores whose connections can be cut. */
export interface FaultStack {
  api: RevivableProcess;
  workers: RevivableProcess[];
  temporal: RevivableTemporal;
  links: { objects: FaultyLink; temporal: FaultyLink; /** Qdrant's; absent where the index is a file. */ index?: FaultyLink };
  clients: Record<FaultTenant, FaultClient>;
  /** The same stores, around every proxy: what is true, whatever the processes see. */
  truth: { objects: ObjectStore; index: VectorIndex };
  /** Of every life of every process; gone with the stack. */
  logFolder: string;
  /** Every piece that a worker began to transcribe, dead ones' too. */
  inferences(): Promise<InferenceCall[]>;
  /** Starts one more worker. */
  addWorker(settings?: WorkerSettings): RevivableProcess;
  /** Starts one more API, whose clock is wrong by this much. */
  addApi(settings: { clockShiftMs: number }): Promise<{ url: string; process: RevivableProcess }>;
  /** Another API key of an administrator. */
  makeKey(tenantId: FaultTenant, until: { expiresAt: string }): Promise<string>;
  close(): Promise<void>;
}

interface WorkerSettings {
  pieceMs?: number;
  /** Straight to Temporal, past its link. */
  isDirect?: boolean;
}

export interface FaultStackOptions {
  index: 'sqlite' | 'qdrant';
  workers: number;
  /** How long a piece takes to transcribe. */
  pieceMs: number;
  /** Of the API and the workers, beside where things are. */
  env?: Record<string, string>;
}

const HOST = '127.0.0.1';
const API_SCRIPT = fileURLToPath(new URL('../../api/main.ts', import.meta.url));
const CLOCK_SCRIPT = fileURLToPath(new URL('shifted-clock.ts', import.meta.url));
const WORKER_SCRIPT = fileURLToPath(new URL('fault-worker.ts', import.meta.url));

export async function startFaultStack(options: FaultStackOptions): Promise<FaultStack> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-fault-stack-'));
  const closers: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closeOne of closers.splice(0).toReversed()) await closeOne();
  };
  try {
    return { ...(await start(options, folder, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: FaultStackOptions, folder: string, closers: (() => Promise<void>)[]): Promise<Omit<FaultStack, 'close'>> {
  const cacheDir = parseConfig(process.env).LECTERN_CACHE;
  const minio = await startTestMinio();
  closers.push(() => minio.stop());
  const temporal = await startRevivableTemporal(folder);
  closers.push(() => temporal.stop());
  const qdrant = options.index === 'qdrant' ? await startQdrant() : undefined;
  if (qdrant !== undefined) closers.push(() => qdrant.stop());
  const toxiproxy = await startToxiproxy(await findToxiproxyBinary(cacheDir, (line) => process.stderr.write(`${line}\n`)));
  closers.push(() => toxiproxy.stop());
  const links = {
    objects: await toxiproxy.link('objects', new URL(minio.url).host),
    temporal: await toxiproxy.link('temporal', temporal.address),
    ...(qdrant === undefined ? {} : { index: await toxiproxy.link('index', new URL(qdrant.url).host) }),
  };
  const port = await takePort(HOST, 0, 'LECTERN_PORT');
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    LECTERN_DATA: dataDir,
    LECTERN_PORT: String(port),
    LECTERN_LOG: 'info',
    LECTERN_LLM: 'none',
    TEMPORAL_ADDRESS: links.temporal.address,
    MINIO_URL: `http://${links.objects.address}`,
    MINIO_ACCESS_KEY: minio.accessKey,
    MINIO_SECRET_KEY: minio.secretKey,
    MINIO_BUCKET: minio.bucket,
    ...(links.index === undefined ? {} : { QDRANT_URL: `http://${links.index.address}` }),
    ...options.env,
  };
  const truth = { objects: await openMinioObjectStore(minio), index: await openIndex(pastLinks(env, qdrant?.url), { isWarmed: false }) };
  closers.push(
    () => truth.objects.close(),
    () => truth.index.close(),
  );

  const logFolder = join(folder, 'logs');
  const run = (name: string, args: string[], more: NodeJS.ProcessEnv = {}): RevivableProcess => {
    const started = startRevivable({ name, args, env: { ...env, ...more }, logFolder });
    closers.push(() => started.stop());
    return started;
  };
  const journal = join(folder, 'inferences.jsonl');
  appendFileSync(journal, '');
  const workers: RevivableProcess[] = [];
  const addWorker: FaultStack['addWorker'] = ({ pieceMs = options.pieceMs, isDirect = false } = {}) => {
    const direct = isDirect ? { TEMPORAL_ADDRESS: temporal.address } : {};
    const worker = run(`worker-${workers.length + 1}`, [WORKER_SCRIPT, journal, String(pieceMs)], direct);
    workers.push(worker);
    return worker;
  };
  const api = run('api', [API_SCRIPT]);
  const addApi: FaultStack['addApi'] = async ({ clockShiftMs }) => {
    const ownPort = await takePort(HOST, 0, 'LECTERN_PORT');
    const shifted = { LECTERN_PORT: String(ownPort), LECTERN_FAULT_CLOCK_SHIFT_MS: String(clockShiftMs) };
    return { url: `http://${HOST}:${ownPort}`, process: run(`api-${clockShiftMs}`, ['--import', CLOCK_SCRIPT, API_SCRIPT], shifted) };
  };
  for (let number = 0; number < options.workers; number += 1) addWorker();
  const clients = await openClients(truth.objects, `http://${HOST}:${port}`);
  await clients[TENANTS[0]].untilReady();
  return {
    api,
    workers,
    temporal,
    links,
    clients,
    truth,
    logFolder,
    addWorker,
    addApi,
    makeKey: async (tenantId, until) => (await createApiKeyStore(truth.objects).create(tenantId, toNewKey(until))).key,
    inferences: async () => (await readFile(journal, 'utf8')).split('\n').flatMap((line) => (line === '' ? [] : [toCall(line)])),
  };
}

function pastLinks(env: NodeJS.ProcessEnv, qdrantUrl: string | undefined): Config {
  return parseConfig({ ...env, ...(qdrantUrl === undefined ? {} : { QDRANT_URL: qdrantUrl }) });
}

async function openClients(objects: ObjectStore, apiUrl: string): Promise<Record<FaultTenant, FaultClient>> {
  const apiKeys = createApiKeyStore(objects);
  const open = async (tenantId: FaultTenant): Promise<FaultClient> =>
    createFaultClient({ apiUrl, tenantId, apiKey: (await apiKeys.create(tenantId, toNewKey({}))).key });
  return { 'north-uni': await open('north-uni'), 'south-uni': await open('south-uni') };
}

function toNewKey(until: { expiresAt?: string }): NewApiKey {
  return { name: `faults ${randomUUID()}`, role: 'admin', ...until };
}

function toCall(line: string): InferenceCall {
  return JSON.parse(line) as InferenceCall;
}
