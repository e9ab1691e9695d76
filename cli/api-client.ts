import type { z } from 'zod';
import {
  IngestAcceptedSchema,
  JobPageSchema,
  JobSchema,
  LecturePageSchema,
  LectureViewSchema,
  ProblemSchema,
  type IngestAccepted,
  type Job,
  type JobPage,
  type LecturePage,
  type LectureView,
  type TranscriptFormat,
} from '../contracts/api.ts';
import {
  BulkRetryViewSchema,
  DeadLetterPageSchema,
  type BulkRetry,
  type BulkRetryView,
  type DeadLetterFilter,
  type DeadLetterPage,
} from '../contracts/dead-letters.ts';
import { LecternError } from '../contracts/errors.ts';
import { RetryAcceptedSchema, type RetryAccepted, type RetryOverrides } from '../contracts/retry.ts';
import { SpeakerListSchema, type SpeakerList } from '../contracts/speakers.ts';
import { TenantSettingsSchema, type TenantSettings, type TenantSettingsChange } from '../contracts/tenant-settings.ts';
import { RetentionSchema, type Retention } from '../contracts/tenants.ts';
import {
  VoiceprintListSchema,
  VoiceprintViewSchema,
  type EnrolVoice,
  type VoiceprintList,
  type VoiceprintView,
} from '../contracts/voiceprints.ts';
import { QueryEventSchema, QueryResponseSchema, type QueryEvent, type QueryRequestSchema, type QueryResponse } from '../contracts/query.ts';
import { readServerSentEvents } from '../contracts/server-sent-events.ts';
import { jsonCall, type Call } from './api-call.ts';
import { createEditCalls, type EditCalls } from './edit-calls.ts';
import { createReindexCalls, type ReindexCalls } from './reindex-calls.ts';
import type { UploadBody } from './upload-body.ts';
import { withinLimits } from './within-limits.ts';

/** Typed calls of the HTTP API. Errors: the kinds of its problem documents; `unavailable` when it does not answer at all. */
export interface ApiClient extends EditCalls, ReindexCalls {
  readonly url: string;
  ingest(upload: UploadBody, idempotencyKey: string): Promise<IngestAccepted>;
  listJobs(page: { limit?: number; cursor?: string | undefined }): Promise<JobPage>;
  getJob(jobId: string): Promise<Job>;
  cancelJob(jobId: string): Promise<Job>;
  retryJob(jobId: string, overrides: RetryOverrides): Promise<RetryAccepted>;
  listFailedJobs(page: DeadLetterFilter & { cursor?: string | undefined }): Promise<DeadLetterPage>;
  retryFailedJobs(bulk: Partial<BulkRetry>): Promise<BulkRetryView>;
  getBulkRetry(retryId: string): Promise<BulkRetryView>;
  stopBulkRetry(retryId: string): Promise<BulkRetryView>;
  listLectures(page: { course?: string; semester?: string; limit?: number; cursor?: string | undefined }): Promise<LecturePage>;
  getLecture(lectureId: string): Promise<LectureView>;
  deleteLecture(lectureId: string): Promise<void>;
  /** The transcript as text in the format asked for. */
  getTranscript(lectureId: string, format: TranscriptFormat): Promise<string>;
  listSpeakers(lectureId: string): Promise<SpeakerList>;
  /** `null` takes the name away. */
  renameSpeaker(lectureId: string, speaker: string, name: string | null): Promise<SpeakerList>;
  listVoiceprints(): Promise<VoiceprintList>;
  enrolVoice(enrolment: EnrolVoice): Promise<VoiceprintView>;
  deleteVoiceprint(voiceprintId: string): Promise<void>;
  getSettings(): Promise<TenantSettings>;
  /** A tar archive. */
  exportTenant(options: { originals: boolean; voiceprints: boolean }): Promise<ReadableStream<Uint8Array>>;
  previewRetention(): Promise<Retention>;
  runRetention(): Promise<Retention>;
  changeSettings(change: TenantSettingsChange): Promise<TenantSettings>;
  query(request: z.input<typeof QueryRequestSchema>): Promise<QueryResponse>;
  /** The same, told what is found and written on the way. */
  streamQuery(request: z.input<typeof QueryRequestSchema>, onEvent: (event: QueryEvent) => void): Promise<QueryResponse>;
}

interface ClientOptions {
  url: string;
  apiKey: string;
  signal: AbortSignal;
}

export function createApiClient(options: ClientOptions): ApiClient {
  const send = (path: string, call: Call = {}): Promise<Response> => {
    const canStartOver = call.body === undefined || typeof call.body === 'string';
    return canStartOver ? withinLimits(options.signal, () => sendOnce(options, path, call)) : sendOnce(options, path, call);
  };
  const read = async <T>(schema: z.ZodType<T>, path: string, call?: Call): Promise<T> =>
    schema.parse(await (await send(path, call)).json());
  const segment = encodeURIComponent;

  return {
    ...createEditCalls({ read }),
    ...createReindexCalls({ send, read }),
    url: options.url,
    ingest: (upload, idempotencyKey) =>
      read(IngestAcceptedSchema, '/api/v1/ingest', {
        method: 'POST',
        body: upload.body,
        headers: { 'content-type': upload.contentType, 'idempotency-key': idempotencyKey },
      }),
    listJobs: (query) => read(JobPageSchema, '/api/v1/jobs', { query }),
    getJob: (jobId) => read(JobSchema, `/api/v1/jobs/${segment(jobId)}`),
    cancelJob: (jobId) => read(JobSchema, `/api/v1/jobs/${segment(jobId)}`, { method: 'DELETE' }),
    retryJob: (jobId, overrides) => read(RetryAcceptedSchema, `/api/v1/jobs/${segment(jobId)}/retry`, jsonCall('POST', overrides)),
    listFailedJobs: (query) => read(DeadLetterPageSchema, '/api/v1/jobs/failed', { query: { limit: 200, ...query } }),
    retryFailedJobs: (bulk) => read(BulkRetryViewSchema, '/api/v1/jobs/retry', jsonCall('POST', bulk)),
    getBulkRetry: (retryId) => read(BulkRetryViewSchema, `/api/v1/jobs/retries/${segment(retryId)}`),
    stopBulkRetry: (retryId) => read(BulkRetryViewSchema, `/api/v1/jobs/retries/${segment(retryId)}`, { method: 'DELETE' }),
    listLectures: (query) => read(LecturePageSchema, '/api/v1/lectures', { query }),
    getLecture: (lectureId) => read(LectureViewSchema, `/api/v1/lectures/${segment(lectureId)}`),
    async deleteLecture(lectureId) {
      await send(`/api/v1/lectures/${segment(lectureId)}`, { method: 'DELETE' });
    },
    async getTranscript(lectureId, format) {
      return (await send(`/api/v1/lectures/${segment(lectureId)}/transcript`, { query: { format } })).text();
    },
    listSpeakers: (lectureId) => read(SpeakerListSchema, `/api/v1/lectures/${segment(lectureId)}/speakers`),
    renameSpeaker: (lectureId, speaker, name) =>
      read(SpeakerListSchema, `/api/v1/lectures/${segment(lectureId)}/speakers/${segment(speaker)}`, jsonCall('PUT', { name })),
    listVoiceprints: () => read(VoiceprintListSchema, '/api/v1/voiceprints'),
    enrolVoice: (enrolment) => read(VoiceprintViewSchema, '/api/v1/voiceprints', jsonCall('POST', enrolment)),
    async deleteVoiceprint(voiceprintId) {
      await send(`/api/v1/voiceprints/${segment(voiceprintId)}`, { method: 'DELETE' });
    },
    async exportTenant(query) {
      const flags = Object.entries(query).map(([name, isWanted]) => [name, String(isWanted)]);
      return (await send('/api/v1/tenant/export', { query: Object.fromEntries(flags) as Record<string, string> })).body!;
    },
    previewRetention: () => read(RetentionSchema, '/api/v1/tenant/retention'),
    runRetention: () => read(RetentionSchema, '/api/v1/tenant/retention', { method: 'POST' }),
    getSettings: () => read(TenantSettingsSchema, '/api/v1/settings'),
    changeSettings: (change) => read(TenantSettingsSchema, '/api/v1/settings', jsonCall('PATCH', change)),
    query: (request) => read(QueryResponseSchema, '/api/v1/query', jsonCall('POST', request)),
    async streamQuery(request, onEvent) {
      const { body } = await send('/api/v1/query', jsonCall('POST', { ...request, stream: true }));
      for await (const { event, data } of readServerSentEvents(body!)) {
        const parsed = QueryEventSchema.parse({ event, data: JSON.parse(data) as unknown });
        if (parsed.event === 'answer') return parsed.data;
        if (parsed.event === 'error') throw fromProblem(parsed.data);
        onEvent(parsed);
      }
      throw new LecternError('unavailable', `the API at ${options.url} broke off`, { cure: 'Ask again.' });
    },
  };
}

async function sendOnce(options: ClientOptions, path: string, call: Call): Promise<Response> {
  const address = new URL(path, options.url);
  for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) address.searchParams.set(name, String(value));
  let response: Response;
  try {
    response = await fetch(address, {
      method: call.method ?? 'GET',
      headers: { authorization: `Bearer ${options.apiKey}`, ...call.headers },
      signal: options.signal,
      ...(call.body === undefined ? {} : { body: call.body, duplex: 'half' }),
    });
  } catch (error) {
    if (options.signal.aborted) throw error;
    throw new LecternError('unavailable', `the API at ${options.url} cannot be reached`, {
      cure: 'Start it with `npm start`, or set LECTERN_URL to where it runs.',
      cause: error,
    });
  }
  if (!response.ok) throw await toError(response);
  return response;
}

async function toError(response: Response): Promise<LecternError> {
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const problem = ProblemSchema.safeParse(parsed);
  if (!problem.success) {
    return new LecternError('internal', `the API answered ${response.status} without saying why`, {
      cure: 'Is LECTERN_URL a Lectern API?',
    });
  }
  const retryAfter = response.headers.get('retry-after');
  return fromProblem(problem.data, retryAfter === null ? {} : { retryAfterSeconds: Number(retryAfter) });
}

function fromProblem({ kind, detail, cure }: z.infer<typeof ProblemSchema>, details: Record<string, number> = {}): LecternError {
  return new LecternError(kind, detail, { details, ...(cure === undefined ? {} : { cure }) });
}
