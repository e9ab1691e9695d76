import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { createApp } from '../../api/app.ts';
import { createIngestRetries } from '../../api/ingest-retries.ts';
import { createTemporalJobs } from '../../api/jobs.ts';
import { createDiarizeAgain } from '../../api/diarize-again.ts';
import { createPublications } from '../../api/publications.ts';
import type { ApiApp } from '../../api/openapi.ts';
import type { RateLimits } from '../../api/rate-limit.ts';
import { createReindexes } from '../../api/reindexes.ts';
import { createSchedules } from '../../api/schedules.ts';
import { createQuotaGuard } from '../../api/quotas.ts';
import { createLectureReconciler, type LectureReconciler } from '../../api/reconcile-lectures.ts';
import type { CodecEndpoint } from '../../api/routes/codec.ts';
import { startServer } from '../../api/serve.ts';
import { createTenantErasure } from '../../api/tenant-erasure.ts';
import { SPOKEN_LANGUAGES } from '../../contracts/languages.ts';
import type { QueryResponse } from '../../contracts/query.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import type { VectorIndex } from '../../retrieval/vector-index.ts';
import { createApiKeyStore } from '../../storage/api-keys.ts';
import { createArtifactStore, type ArtifactStore } from '../../storage/artifacts.ts';
import { createErasureStore } from '../../storage/erasures.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import * as keys from '../../storage/keys.ts';
import { createEvaluationQuestionStore } from '../../storage/evaluation-questions.ts';
import { createLectureStore, type LectureStore } from '../../storage/lectures.ts';
import { createRevisionStore } from '../../storage/revisions.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { createSessionStore } from '../../storage/sessions.ts';
import { createTenantSettingsStore } from '../../storage/tenant-settings.ts';
import { createVoiceprintStore } from '../../storage/voiceprints.ts';

export interface TestApi {
  url: string;
  app: ApiApp;
  objects: ObjectStore;
  /** A client of the same Temporal. */
  temporal: Client;
  lectures: LectureStore;
  reconciler: LectureReconciler;
  artifacts: ArtifactStore;
  index: VectorIndex;
  /** Keys of two tenants. */
  apiKeys: { own: string; foreign: string };
  /** Folders below the store that hold a file, to see that nothing is left. */
  storedFiles(): Promise<string[]>;
  close(): Promise<void>;
}

export const OWN_TENANT = 'own-uni';

/** The real app over a real socket, a file store, a SQLite index and the Temporal server at `temporalAddress`. */
export async function startTestApi(
  temporalAddress: string,
  maxUploadBytes = 1 << 20,
  rateLimits: RateLimits = { requests: 0, uploads: 0, questions: 0 },
  codecEndpoint?: CodecEndpoint,
): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-test-api-'));
  const objects = await openFilesystemObjectStore(join(folder, 'store'));
  const index = await openSqliteVectorIndex({ path: join(folder, 'index.sqlite') });
  const connection = Connection.lazy({ address: temporalAddress });
  const client = new Client({ connection });
  const jobs = createTemporalJobs(client, 'default');
  const apiKeys = createApiKeyStore(objects);
  const lectures = createLectureStore(objects);
  const settings = createTenantSettingsStore(objects);
  const erasures = createErasureStore(objects);
  const voiceprints = createVoiceprintStore(objects);
  const artifacts = createArtifactStore({ objects });
  const reconciler = createLectureReconciler({ client, lectures });
  const app = createApp({
    logger: pino({ level: 'silent' }),
    apiKeys,
    sessions: createSessionStore(objects),
    objects,
    lectures,
    settings,
    quotas: createQuotaGuard({ settings, lectures }),
    erasures,
    erasure: createTenantErasure(client, erasures),
    voiceprints,
    artifacts,
    keys,
    index,
    jobs,
    revisions: createRevisionStore({ objects, lectures }),
    publications: createPublications(client),
    diarizeAgain: createDiarizeAgain(client),
    retries: createIngestRetries({ client, lectures }),
    reconciler,
    schedules: createSchedules(client),
    reindexes: createReindexes(client),
    evaluationQuestions: createEvaluationQuestionStore(objects),
    // Search and answers have their own tests with real models; here only the way to them is looked at.
    queries: {
      query: async (tenantId, { question }): Promise<QueryResponse> => ({
        question: `${tenantId}: ${question}`,
        hits: [],
        timingsMs: {},
        skipped: [],
        unheardPhrases: [],
      }),
    },
    languages: SPOKEN_LANGUAGES,
    maxUploadBytes,
    rateLimits,
    dependencyChecks: { objects: () => objects.health(), index: () => index.health(), temporal: () => jobs.health() },
    optionalChecks: {},
    codecEndpoint,
    metricSources: [() => [{ name: 'lectern_test', help: 'One.', type: 'gauge', samples: [{ labels: {}, value: 1 }] }]],
  });
  const server = await startServer(app, { host: '127.0.0.1', port: 0 });
  const own = await apiKeys.create(OWN_TENANT, { name: 'test', role: 'admin' });
  const foreign = await apiKeys.create('foreign-uni', { name: 'test', role: 'admin' });
  return {
    url: server.url,
    app,
    objects,
    temporal: client,
    lectures,
    reconciler,
    artifacts,
    index,
    apiKeys: { own: own.key, foreign: foreign.key },
    async storedFiles() {
      const found = await readdir(join(folder, 'store'), { recursive: true, withFileTypes: true });
      // An object is a folder of its versions: which version it is does not matter here.
      return [...new Set(found.filter((entry) => entry.isFile()).map(({ parentPath }) => parentPath))].sort();
    },
    async close() {
      await server.close();
      await connection.close();
      await index.close();
      await objects.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface UploadOptions {
  key: string;
  content?: string | Uint8Array<ArrayBuffer>;
  fileName?: string;
  fields?: Record<string, string>;
  idempotencyKey?: string;
}

/** Uploads as a browser would. */
export function upload(
  url: string,
  { key, content = 'not really a recording', fileName = 'lecture.mp3', fields = {}, idempotencyKey }: UploadOptions,
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([content]), fileName);
  return fetch(`${url}/api/v1/ingest`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${key}`, ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }) },
  });
}

/** An authorized request. */
export function ask(url: string, key: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) } });
}
