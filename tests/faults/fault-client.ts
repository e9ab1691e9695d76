import { setTimeout as sleep } from 'node:timers/promises';
import {
  IngestAcceptedSchema,
  JobSchema,
  LectureViewSchema,
  TranscriptViewSchema,
  type IngestAccepted,
  type Job,
} from '../../contracts/api.ts';
import type { EditOperation } from '../../contracts/edits.ts';
import { QueryResponseSchema, type QueryResponse } from '../../contracts/query.ts';
import type { Turn } from '../../contracts/transcript.ts';
import type { z } from 'zod';

/** A request that never ends would hide that its server is dead. */
const REQUEST_MS = 120_000;
const AGAIN_MS = 500;
const CONFLICT = 409;
const TOO_MANY_REQUESTS = 429;
/** Longer than any fault that is healed, and than a busy machine takes: what has not come by then will not. */
const PATIENCE_MS = 600_000;

/** A client of one tenant that bears with faults as the command line does: what fails is tried again with the same idempotency key. */
export interface FaultClient {
  readonly tenantId: string;
  readonly url: string;
  readonly apiKey: string;
  /** The same client, of another API process. */
  at(url: string): FaultClient;
  /** Any request, as it is answered. Throws where nobody answers. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Tries until the upload is acknowledged. */
  ingest(recording: Buffer, idempotencyKey: string, title?: string): Promise<IngestAccepted>;
  /** Waits for a job's end. */
  untilEnded(jobId: string): Promise<Job>;
  /** Tries until nothing of it is left. */
  deleteLecture(lectureId: string): Promise<void>;
  lecture(lectureId: string): Promise<z.infer<typeof LectureViewSchema> | undefined>;
  transcript(lectureId: string): Promise<z.infer<typeof TranscriptViewSchema>>;
  /** Tries until the word at this place of the transcript is another one, for good. */
  mendWord(lectureId: string, wordIndex: number, text: string): Promise<void>;
  query(question: string, options?: { lectureIds?: string[]; limit?: number }): Promise<QueryResponse>;
  /** Waits until the API and all that it stands on serve. */
  untilReady(): Promise<void>;
}

export interface FaultClientOptions {
  apiUrl: string;
  apiKey: string;
  tenantId: string;
}

export function createFaultClient({ apiUrl, apiKey, tenantId }: FaultClientOptions): FaultClient {
  const ask: FaultClient['ask'] = (path, init = {}) =>
    fetch(`${apiUrl}${path}`, {
      ...init,
      signal: AbortSignal.timeout(REQUEST_MS),
      headers: { authorization: `Bearer ${apiKey}`, ...(init.headers as Record<string, string>) },
    });

  const get = async <T>(path: string, parse: (body: unknown) => T): Promise<T | undefined> =>
    patiently(`GET ${path}`, async () => {
      const response = await ask(path);
      if (response.status === 404) return { value: undefined };
      return response.ok ? { value: parse(await response.json()) } : refusedBy(response);
    });

  return {
    tenantId,
    url: apiUrl,
    apiKey,
    at: (url) => createFaultClient({ apiUrl: url, apiKey, tenantId }),
    ask,
    ingest: (recording, idempotencyKey, title = 'Codes') =>
      patiently(`upload ${idempotencyKey}`, async () => {
        const form = new FormData();
        form.set('title', title);
        form.set('file', new Blob([new Uint8Array(recording)]), 'lecture.wav');
        const response = await ask('/api/v1/ingest', { method: 'POST', body: form, headers: { 'idempotency-key': idempotencyKey } });
        return response.status === 202 ? { value: IngestAcceptedSchema.parse(await response.json()) } : refusedBy(response);
      }),
    untilEnded: (jobId) =>
      patiently(`end of job ${jobId}`, async () => {
        const response = await ask(`/api/v1/jobs/${jobId}`);
        if (!response.ok) return refusedBy(response);
        const job = JobSchema.parse(await response.json());
        return job.state === 'running' ? { refused: `it runs: ${job.stage ?? ''}` } : { value: job };
      }),
    deleteLecture: (lectureId) =>
      patiently(`deletion of ${lectureId}`, async () => {
        const response = await ask(`/api/v1/lectures/${lectureId}`, { method: 'DELETE' });
        return response.status === 204 || response.status === 404 ? { value: undefined } : refusedBy(response);
      }),
    lecture: (lectureId) => get(`/api/v1/lectures/${lectureId}`, (body) => LectureViewSchema.parse(body)),
    mendWord: (lectureId, wordIndex, text) =>
      patiently(`edit of ${lectureId}`, async () => {
        const path = `/api/v1/lectures/${lectureId}/transcript`;
        const read = await ask(path);
        if (!read.ok) return refusedBy(read);
        const { turns, revision } = TranscriptViewSchema.parse(await read.json());
        const { turn, from, word } = findWord(turns, wordIndex);
        // An edit whose answer was lost on the way.
        if (word === text) return { value: undefined };
        const operations: EditOperation[] = [{ kind: 'replaceWords', turn, from, to: from + 1, texts: [text] }];
        const body = JSON.stringify({ baseRevision: revision, operations });
        const edited = await ask(path, { method: 'PATCH', body, headers: { 'content-type': 'application/json' } });
        if (edited.ok) return { value: undefined };
        const refusal = await refusedBy(edited);
        // Somebody else was quicker: read again.
        return edited.status === CONFLICT ? { refused: refusal.refused } : refusal;
      }),
    async transcript(lectureId) {
      const found = await get(`/api/v1/lectures/${lectureId}/transcript`, (body) => TranscriptViewSchema.parse(body));
      if (found === undefined) throw new Error(`${lectureId} has no transcript`);
      return found;
    },
    async query(question, { lectureIds, limit = 10 } = {}) {
      const filters = lectureIds === undefined ? {} : { lectureIds };
      const response = await ask('/api/v1/query', {
        method: 'POST',
        body: JSON.stringify({ question, limit, filters }),
        headers: { 'content-type': 'application/json' },
      });
      if (!response.ok) throw new Error(`a question is answered ${response.status}: ${await response.text()}`);
      return QueryResponseSchema.parse(await response.json());
    },
    untilReady: () =>
      patiently('a ready API', async () => {
        const response = await ask('/health/ready');
        return response.ok ? { value: undefined } : refusedBy(response);
      }),
  };
}

function findWord(turns: readonly Turn[], wordIndex: number): { turn: number; from: number; word: string | undefined } {
  let from = wordIndex;
  for (const [turn, { words }] of turns.entries()) {
    if (from < words.length) return { turn, from, word: words[from]?.text };
    from -= words.length;
  }
  throw new Error(`the transcript has no word ${wordIndex}`);
}

type Outcome<T> = { value: T } | Refusal;

interface Refusal {
  refused: string;
  /** Asking again will not help. */
  isFinal?: boolean;
}

async function refusedBy(response: Response): Promise<Refusal> {
  const isFinal = response.status < 500 && response.status !== TOO_MANY_REQUESTS;
  return { refused: `${response.status} ${await response.text()}`, isFinal };
}

/** Tries until there is an answer; nobody listening is as good as a refusal. */
async function patiently<T>(what: string, attempt: () => Promise<Outcome<T>>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const outcome = await attempt().catch((error: unknown): Refusal => ({ refused: String(error) }));
    if ('value' in outcome) return outcome.value;
    if (outcome.isFinal === true) throw new Error(`${what}: ${outcome.refused}`);
    if (Date.now() > deadline) throw new Error(`${what}: not after ${PATIENCE_MS / 1000} s: ${outcome.refused}`);
    await sleep(AGAIN_MS);
  }
}
