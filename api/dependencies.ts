import type { Logger } from 'pino';
import type { Metric } from '../contracts/metrics.ts';
import type { ApiKeyStore } from '../storage/api-keys.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type * as ObjectKeys from '../storage/keys.ts';
import type { EvaluationQuestionStore } from '../storage/evaluation-questions.ts';
import type { LectureStore } from '../storage/lectures.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ErasureStore } from '../storage/erasures.ts';
import type { RevisionStore } from '../storage/revisions.ts';
import type { SessionStore } from '../storage/sessions.ts';
import type { TenantSettingsStore } from '../storage/tenant-settings.ts';
import type { VoiceprintStore } from '../storage/voiceprints.ts';
import type { QueryService } from '../retrieval/query.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import type { IngestRetries } from './ingest-retries.ts';
import type { IngestJobs } from './jobs.ts';
import type { QuotaGuard } from './quotas.ts';
import type { TenantErasure } from './tenant-erasure.ts';
import type { LectureReconciler } from './reconcile-lectures.ts';
import type { RateLimits } from './rate-limit.ts';
import type { DiarizeAgain } from './diarize-again.ts';
import type { Publications } from './publications.ts';
import type { Reindexes } from './reindexes.ts';
import type { CodecEndpoint } from './routes/codec.ts';
import type { Schedules } from './schedules.ts';

/** All that the API stands on; `main.ts` makes it, tests make it over temporary stores. */
export interface ApiDeps {
  logger: Logger;
  apiKeys: Pick<ApiKeyStore, 'authenticate' | 'create' | 'rotate' | 'revoke' | 'list'>;
  sessions: Pick<SessionStore, 'open' | 'resume' | 'close'>;
  objects: ObjectStore;
  lectures: LectureStore;
  settings: TenantSettingsStore;
  quotas: QuotaGuard;
  erasures: Pick<ErasureStore, 'get'>;
  erasure: TenantErasure;
  voiceprints: VoiceprintStore;
  artifacts: Pick<ArtifactStore, 'read' | 'ref' | 'write'>;
  /** Makers of object keys: values are wired by `main.ts`, as this folder takes only types from `storage/`. */
  keys: Pick<
    typeof ObjectKeys,
    | 'toLectureId'
    | 'mediaKey'
    | 'uploadKey'
    | 'uploadsPrefix'
    | 'idempotencyPrefix'
    | 'idempotencyKey'
    | 'unpublishedPrefix'
    | 'unpublishedKey'
  >;
  index: Pick<VectorIndex, 'deleteLecture' | 'nameSpeaker'>;
  jobs: IngestJobs;
  revisions: RevisionStore;
  publications: Publications;
  diarizeAgain: DiarizeAgain;
  retries: IngestRetries;
  reconciler: Pick<LectureReconciler, 'settle'>;
  schedules: Schedules;
  reindexes: Reindexes;
  evaluationQuestions: EvaluationQuestionStore;
  queries: QueryService;
  /** Where the built page lies; without it the API serves no page. */
  pageFolder?: string | undefined;
  /** Language codes that the transcriber knows. */
  languages: readonly string[];
  maxUploadBytes: number;
  rateLimits: RateLimits;
  /** For Temporal's UI; absent where encryption is off. */
  codecEndpoint?: CodecEndpoint | undefined;
  /** Health check of each dependency by name; a check throws when its dependency is down. */
  dependencyChecks: Record<string, () => Promise<void>>;
  /** The same of what is made do without: a language model that is away makes answers extractive, not the API unready. */
  optionalChecks: Record<string, () => Promise<void>>;
  /** What `GET /metrics` tells. */
  metricSources: readonly (() => Metric[] | Promise<Metric[]>)[];
}
