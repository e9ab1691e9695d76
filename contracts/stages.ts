// Names only, without zod: the workflow sandbox loads this file, and it must stay small there.

export const TASK_QUEUES = { cpu: 'lectern-cpu', gpu: 'lectern-gpu' } as const;

/** Name of the worker deployment whose versions are the builds of the workflow code, where runs are pinned to theirs. */
export const DEPLOYMENT = 'lectern';

export const INGEST_WORKFLOW = 'ingestLecture';

/** Retries failed ingests, so many a minute. */
export const RETRY_WORKFLOW = 'retryFailedIngests';

/** Query that returns `IngestProgress`; of a bulk retry, `BulkRetryCounts`. */
export const PROGRESS_QUERY = 'progress';

/** Memo field of a failed run: an `IngestFailure`. */
export const FAILURE_MEMO = 'lecternFailure';

/** Memo field of a run that was begun anew for another: the job id of that one. */
export const RETRY_OF_MEMO = 'lecternRetryOf';

/** The order of the way of a lecture; `transcribe` and `diarize` run side by side. */
export const STAGES = ['prepare', 'detectSpeech', 'transcribe', 'diarize', 'align', 'chunk', 'contextualize', 'embed', 'index'] as const;
export type Stage = (typeof STAGES)[number];

/** Keyword search attributes: no personal data, they are never encrypted. */
export const SEARCH_ATTRIBUTES = [
  'LecternTenant',
  'LecternCourse',
  'LecternSemester',
  'LecternLecture',
  'LecternStage',
  'LecternPriority',
] as const;
export type SearchAttributeName = (typeof SEARCH_ATTRIBUTES)[number];

/** Value of `LecternStage` once all stages are done; until then, and for ever when a run fails, it is the stage's name. */
export const STAGE_READY = 'ready';

/** Temporal's numbers for our three priorities (1 is served first). */
export const PRIORITY_KEYS = { high: 1, normal: 3, low: 5 } as const;

/** Version of what `index` writes; part of a generation's name, so that a new layout is a new generation. */
const INDEX_VERSION = 1;

/**
 * Name of the index generation that these embeddings make. Embeddings are named by all that goes into them, so the same lecture
 * gives the same generation, and the workflow knows what to discard before a single row is written.
 */
export function generationOf(embeddings: { digest: string }): string {
  return `g${INDEX_VERSION}-${embeddings.digest.slice(0, 24)}`;
}

/** What a re-index calls its generation of these embeddings: its own mark is in it, so that no ingest writes one of that name. */
export function stagedGenerationOf(embeddings: { digest: string }, mark: string): string {
  return `${generationOf(embeddings)}.${mark}`;
}

/** The name that an ingest gives to what a generation holds, whoever wrote it. */
export function contentsOf(generation: string): string {
  return generation.split('.', 1)[0]!;
}
