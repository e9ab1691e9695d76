// Names and types only, without zod: the workflow sandbox loads this file.

import type { LectureId, TenantId } from './identity.ts';
import type { ArtifactRef, StageContext } from './ingest.ts';

export const REINDEX_WORKFLOW = 'reindexSemester';
export const REINDEX_LECTURE_WORKFLOW = 'reindexLecture';
export const WAY_BACK_WORKFLOW = 'keepWayBack';

/** Signal to a re-index that is held: what to do with it. */
export const DECIDE_SIGNAL = 'decide';
export type ReindexDecision = 'swap' | 'drop';

/** Update of `keepWayBack`: back to what was there before the swap; answers `MovedLectures`. */
export const ROLL_BACK_UPDATE = 'rollBack';

/** When a re-index waits for a person before readers see it: measured worse; that or not measured; always. */
export const HOLD_RULES = ['worse', 'unmeasured', 'always'] as const;
export type HoldRule = (typeof HOLD_RULES)[number];

/** Names a re-index within its tenant; a schedule adds the time to its own name. */
export function reindexWorkflowId(tenantId: TenantId, reindexId: string): string {
  return `${tenantId}/reindex/${reindexId}`;
}

export function wayBackWorkflowId(tenantId: TenantId, reindexId: string): string {
  return `${tenantId}/reindex/${reindexId}/way-back`;
}

/** One a lecture: two re-indexes do not work on the same lecture at once. */
export function reindexLectureWorkflowId(tenantId: TenantId, lectureId: LectureId): string {
  return `${tenantId}/${lectureId}/reindex`;
}

export interface ReindexOptions {
  /** Lectures at once. */
  window: number;
  /** By how much nDCG@10 or the hit rate may fall before the swap is held. */
  margin: number;
  hold: HoldRule;
  /** For how long the generations from before the swap are kept. */
  wayBackSeconds: number;
}

/** Argument of `reindexSemester`. `carried` is what earlier runs of it hand on. */
export interface ReindexInput {
  tenantId: TenantId;
  semester: string;
  options: ReindexOptions;
  /** Lectures after which the workflow continues as new, if Temporal does not advise it before. */
  lecturesPerRun?: number;
  carried?: ReindexProgress;
}

export interface SearchQuality {
  /** 0 to 1. */
  ndcg10: number;
  /** Share of questions with a passage that answers among the first ten. */
  hitRate: number;
}

export interface ReindexEvaluation {
  questions: number;
  before: SearchQuality;
  after: SearchQuality;
}

/**
 * `running`: lectures are being re-indexed. `measuring`, `held` (waits for `swap` or `drop`), `swapping`. Ends as `swapped`, `dropped`, or
 * `unchanged`: nothing was to be changed.
 */
export type ReindexState = 'running' | 'measuring' | 'held' | 'swapping' | 'swapped' | 'dropped' | 'unchanged';

/** Answer of the query `progress` and result of `reindexSemester`. */
export interface ReindexProgress {
  state: ReindexState;
  semester: string;
  startedAtMs: number;
  /** Lectures that the semester had at the start. */
  lectures: number;
  /** Done with a new generation; done and as before; deleted or written anew by somebody else meanwhile; failed. */
  staged: number;
  unchanged: number;
  gone: number;
  failed: number;
  /** Stages that were computed; the others' artifacts were there. */
  computedStages: number;
  /** From the speed measured so far; `null` before the first lecture is done and when none is left. */
  remainingSeconds: number | null;
  /** `null`: not measured, as there are no questions for this semester, or not yet. */
  evaluation: ReindexEvaluation | null;
  heldBecause?: string;
  /** What a person has decided, before or while it was held. */
  decision?: ReindexDecision;
  /** Lectures that the swap moved, and those that had changed meanwhile and are served from their own newest generation. */
  swapped?: number;
  left?: number;
}

/** What moved, and what had changed meanwhile and stayed as it is. */
export interface MovedLectures {
  moved: number;
  left: number;
}

interface ReindexContext {
  tenantId: TenantId;
  reindexId: string;
}

/** Argument of `reindexLecture`, and what it answers. */
export interface ReindexLectureInput extends ReindexContext {
  lectureId: LectureId;
}
export interface ReindexLectureResult {
  state: 'staged' | 'unchanged' | 'gone';
  computedStages: number;
}

/** Argument of `keepWayBack`, and what it answers. */
export interface WayBackInput extends ReindexContext {
  seconds: number;
}
export interface WayBackResult {
  rolledBack: MovedLectures | null;
}

/** Where the re-index of one lecture begins. */
export interface LectureToReindex {
  /** The generation that readers see. */
  from: string;
  transcript: ArtifactRef;
}

/** Activities of a re-index, on `lectern-cpu`. All of them may be done again. */
export interface ReindexActivities {
  /** Writes down which lectures the semester has now; answers how many. */
  planReindex(input: ReindexContext & { semester: string }): Promise<number>;
  listPlanned(input: ReindexContext & { offset: number; limit: number }): Promise<LectureId[]>;
  /** `null`: deleted, or without a generation. */
  openLecture(input: StageContext): Promise<LectureToReindex | null>;
  stageLecture(
    input: ReindexLectureInput & {
      from: string;
      chunks: ArtifactRef;
      contexts: ArtifactRef | null;
      degraded: string | null;
      embeddings: ArtifactRef;
    },
  ): Promise<{ state: ReindexLectureResult['state'] }>;
  /** `null`: there are no questions for this semester. */
  measureReindex(input: ReindexContext & { semester: string }): Promise<ReindexEvaluation | null>;
  swapReindex(input: ReindexContext): Promise<MovedLectures>;
  rollBackReindex(input: ReindexContext): Promise<MovedLectures>;
  /** Ends the choice: drops the generations that were staged, or those from before the swap, unless readers see them; and the notes. */
  closeReindex(input: ReindexContext & { drop: 'staged' | 'former' }): Promise<void>;
}
