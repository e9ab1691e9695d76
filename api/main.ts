/**
 * The API as a process: reads the configuration, opens what the app stands on, serves until SIGTERM or SIGINT.
 * `node api/main.ts`; the embedded stack starts it, and so does the image.
 */
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Logger } from 'pino';
import { parseConfig, type Config } from '../contracts/config.ts';
import { toLecternError } from '../contracts/errors.ts';
import type { TenantId } from '../contracts/identity.ts';
import { SPOKEN_LANGUAGES } from '../contracts/languages.ts';
import { openLanguageModels } from '../inference/llm/open-language-models.ts';
import { openModelStore, toModelStoreOptions } from '../inference/models/store.ts';
import { correlateStarts } from '../observability/correlate-starts.ts';
import { createLogger } from '../observability/logger.ts';
import { openTracing } from '../observability/open-tracing.ts';
import { createStoreMetrics } from '../observability/store-metrics.ts';
import { createApiKeyStore } from '../storage/api-keys.ts';
import { createArtifactStore } from '../storage/artifacts.ts';
import * as keys from '../storage/keys.ts';
import { createEvaluationQuestionStore } from '../storage/evaluation-questions.ts';
import { createErasureStore } from '../storage/erasures.ts';
import { createLectureStore, type LectureStore } from '../storage/lectures.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { createRevisionStore } from '../storage/revisions.ts';
import { openObjectStore } from '../storage/open-object-store.ts';
import { createSessionStore } from '../storage/sessions.ts';
import { createTenantSettingsStore } from '../storage/tenant-settings.ts';
import { createVoiceprintStore } from '../storage/voiceprints.ts';
import { openDataConverter } from '../worker/encryption/data-converter.ts';
import { createRemoteCodec } from '../worker/encryption/remote-codec.ts';
import { openIndex } from '../worker/open-index.ts';
import { openQueries } from '../worker/open-queries.ts';
import { createApp } from './app.ts';
import { createIngestRetries } from './ingest-retries.ts';
import { createApiMetrics } from './api-metrics.ts';
import { createTemporalJobs } from './jobs.ts';
import { createDiarizeAgain } from './diarize-again.ts';
import { findPage } from './page.ts';
import { createPublications } from './publications.ts';
import { createReindexes } from './reindexes.ts';
import type { CodecEndpoint } from './routes/codec.ts';
import { createSchedules } from './schedules.ts';
import { createQuotaGuard } from './quotas.ts';
import { createLectureReconciler } from './reconcile-lectures.ts';
import { startReconciling } from './start-reconciling.ts';
import { startRetention } from './start-retention.ts';
import { startServer } from './serve.ts';
import { startSweeping } from './start-sweeping.ts';
import { createTenantErasure } from './tenant-erasure.ts';
import { startPublishing } from './unpublished.ts';

/** Closed in the reverse order of opening. */
type Closers = (() => Promise<void>)[];

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const logger = createLogger(config.LECTERN_LOG, 'api');
  const closers: Closers = [];
  const close = async (): Promise<void> => {
    for (const closeOne of closers.splice(0).toReversed()) await closeOne();
  };
  try {
    const url = await start(config, logger, closers);
    logger.info({ url }, `the API listens at ${url}`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    });
    logger.info('stopping');
  } finally {
    await close();
  }
}

async function start(config: Config, logger: Logger, closers: Closers): Promise<string> {
  const tracing = await openTracing(config, 'api');
  if (tracing !== undefined) closers.push(() => tracing.close());
  const stores = createStoreMetrics();
  const objects = stores.meterObjects(await openObjectStore(config));
  closers.push(() => objects.close());
  const index = stores.meterIndex(await openIndex(config, { isWarmed: true }));
  closers.push(() => index.close());
  const { client, dataConverter } = await openTemporal(config, objects, tracing, closers);
  const jobs = createTemporalJobs(client, config.TEMPORAL_NAMESPACE);
  const lectures = createLectureStore(objects);
  const edits = openEdits(client, objects, lectures);
  const reconciler = createLectureReconciler({ client, lectures });
  const apiKeys = createApiKeyStore(objects);
  const settings = createTenantSettingsStore(objects);
  const erasures = createErasureStore(objects);
  const listTenants = async (): Promise<Set<TenantId>> => new Set((await apiKeys.list()).map(({ tenantId }) => tenantId));
  const sessions = createSessionStore(objects);
  const languageModels = await openLanguageModels(
    config,
    () => openModelStore({ ...toModelStoreOptions(config), onNotice: (message) => logger.warn(message) }),
    (failure) => logger.warn(failure, 'a language model failed'),
  );
  if (languageModels !== null) closers.push(() => languageModels.close());
  const queries = openQueries(config, logger, index, languageModels);
  closers.push(() => queries.close());
  const voiceprints = createVoiceprintStore(objects);
  const retention = startRetention({ lectures, objects, keys, index, jobs, voiceprints, settings }, { logger, listTenants });
  const app = createApp({
    logger,
    apiKeys,
    sessions,
    objects,
    lectures,
    settings,
    quotas: createQuotaGuard({ settings, lectures }),
    erasures,
    erasure: createTenantErasure(client, erasures),
    voiceprints,
    artifacts: createArtifactStore({ objects, onDamaged: (key) => logger.warn({ key }, 'artifact is damaged') }),
    keys,
    index,
    jobs,
    ...edits,
    retries: createIngestRetries({ client, lectures }),
    reconciler,
    schedules: createSchedules(client),
    reindexes: createReindexes(client),
    evaluationQuestions: createEvaluationQuestionStore(objects),
    queries,
    codecEndpoint: toCodecEndpoint(config, dataConverter),
    pageFolder: await findPage(),
    languages: SPOKEN_LANGUAGES,
    maxUploadBytes: config.LECTERN_MAX_UPLOAD_BYTES,
    rateLimits: {
      requests: config.LECTERN_REQUESTS_PER_MINUTE,
      uploads: config.LECTERN_UPLOADS_PER_MINUTE,
      questions: config.LECTERN_QUESTIONS_PER_MINUTE,
    },
    dependencyChecks: {
      objects: () => objects.health(),
      index: () => index.health(),
      temporal: () => jobs.health(),
    },
    optionalChecks: languageModels?.checks ?? {},
    metricSources: [
      ...createApiMetrics(config, { client, lectures, listTenants }),
      stores.metrics,
      retention.metrics,
      queries.metrics,
      ...(languageModels === null ? [] : [languageModels.metrics]),
    ],
  });
  const server = await startServer(app, { host: config.LECTERN_HOST, port: config.LECTERN_PORT });
  closers.push(() => server.close());
  closers.push(startReconciling(reconciler, logger), retention.close);
  closers.push(startPublishing({ logger, objects, keys, ...edits }, listTenants));
  closers.push(startSweeping({ logger, objects, keys, sessions }, listTenants));
  return server.url;
}

/** Lazy: an API whose Temporal is away still serves what is there, and says what is missing. */
async function openTemporal(
  config: Config,
  objects: Parameters<typeof openDataConverter>[1],
  tracing: Awaited<ReturnType<typeof openTracing>>,
  closers: Closers,
): Promise<{ client: Client; dataConverter: DataConverter | undefined }> {
  const address = config.TEMPORAL_ADDRESS ?? `127.0.0.1:${config.LECTERN_TEMPORAL_PORT}`;
  const connection = Connection.lazy({ address });
  closers.push(() => connection.close());
  const dataConverter = await openDataConverter(config, objects);
  const client = new Client({
    connection,
    ...(dataConverter && { dataConverter }),
    namespace: config.TEMPORAL_NAMESPACE,
    interceptors: { workflow: tracing === undefined ? [correlateStarts] : [tracing.client, correlateStarts] },
  });
  return { client, dataConverter };
}

/** What edits of transcripts stand on. */
function openEdits(client: Client, objects: ObjectStore, lectures: LectureStore) {
  return {
    revisions: createRevisionStore({ objects, lectures }),
    publications: createPublications(client),
    diarizeAgain: createDiarizeAgain(client),
  };
}

function toCodecEndpoint(config: Config, dataConverter: DataConverter | undefined): CodecEndpoint | undefined {
  const codec = createRemoteCodec(dataConverter, config.TEMPORAL_NAMESPACE);
  const { LECTERN_CODEC_ORIGINS: origins, LECTERN_CODEC_TOKEN: token } = config;
  return codec && { codec, namespace: config.TEMPORAL_NAMESPACE, origins, token };
}

try {
  await main();
} catch (error) {
  const { message, cure, kind, cause } = toLecternError(error);
  process.stderr.write(`error (${kind}): ${message}\n${cure === undefined ? '' : `  ${cure}\n`}`);
  if (kind === 'internal' && cause instanceof Error) process.stderr.write(`${cause.stack ?? ''}\n`);
  process.exitCode = 1;
}
