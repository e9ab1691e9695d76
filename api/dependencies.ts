import type { Logger } from 'pino';
import type { z } from 'zod';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { QueryRequest, QueryResponse } from '../contracts/query.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import type { KeyVerifier } from './authenticate.ts';
import type { IngestJobs } from './jobs.ts';

/** All that the API stands on; `main.ts` makes it, tests make it over temporary stores. */
export interface ApiDeps {
  logger: Logger;
  apiKeys: KeyVerifier;
  objects: ObjectStore;
  lectures: LectureLibrary;
  artifacts: ArtifactReader;
  keys: ObjectKeys;
  index: Pick<VectorIndex, 'deleteLecture'>;
  jobs: IngestJobs;
  /** Searches and, if asked to, answers. `signal` ends with the request. */
  answerQuery: (tenantId: TenantId, request: QueryRequest, signal: AbortSignal) => Promise<QueryResponse>;
  /** Language codes that the transcriber knows. */
  languages: readonly string[];
  maxUploadBytes: number;
  /** Health check of each dependency by name; a check throws when its dependency is down. */
  dependencyChecks: Record<string, () => Promise<void>>;
}

/** Reads an artifact by its key and checks its shape. */
export interface ArtifactReader {
  read<T>(ref: { key: string }, schema: z.ZodType<T>): Promise<T>;
}

/** The lecture documents, as far as the API needs them. */
export interface LectureLibrary {
  get(tenantId: TenantId, lectureId: LectureId): Promise<Lecture | undefined>;
  /** Errors: `conflict` when the lecture is there. */
  create(lecture: Lecture): Promise<unknown>;
  /** Compare-and-set, tried again on a conflict. Errors: `not-found`. */
  update(tenantId: TenantId, lectureId: LectureId, change: (lecture: Lecture) => Lecture): Promise<unknown>;
  list(tenantId: TenantId): AsyncIterable<Lecture>;
}

/** Where things lie; `storage/keys.ts`. */
export interface ObjectKeys {
  toLectureId(tenantId: TenantId, mediaSha256: string): LectureId;
  lecturePrefix(tenantId: TenantId, lectureId: LectureId): string;
  mediaKey(tenantId: TenantId, lectureId: LectureId): string;
  uploadKey(tenantId: TenantId, uploadId: string): string;
  idempotencyPrefix(tenantId: TenantId): string;
  idempotencyKey(tenantId: TenantId, keySha256: string): string;
}
