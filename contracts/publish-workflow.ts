// Names and types only, without zod: the workflow sandbox loads this file.

import type { ErrorKind } from './errors.ts';
import type { LectureId, TenantId } from './identity.ts';
import type { ArtifactRef, StageContext } from './ingest.ts';
import type { Degradation } from './lecture.ts';
import { PRIORITY_KEYS, TASK_QUEUES, type SearchAttributeName } from './stages.ts';

export const PUBLISH_WORKFLOW = 'publishEdits';

/** Signal: there is a newer revision. */
export const EDITED_SIGNAL = 'edited';

/** One id a lecture: its edits are published one after another, the newest only. */
export function publishWorkflowId(tenantId: TenantId, lectureId: LectureId): string {
  return `${tenantId}/${lectureId}/publish`;
}

/** Argument of `publishEdits`. */
export type PublishInput = StageContext;

/** What a publication has made; `gone`: the lecture was deleted meanwhile, and nothing is left. */
export type PublishResult =
  | { state: 'published'; revision: number; generation: string; chunks: number; embedded: number; reused: number }
  | { state: 'gone' };

/** The revision that is to be published. */
export interface HeadToPublish {
  revision: number;
  transcript: ArtifactRef;
}

export interface Publication {
  revision: number;
  transcript: ArtifactRef;
  generation: string;
  chunks: ArtifactRef;
  embeddings: ArtifactRef;
  degraded: Degradation[];
}

export interface PublishFailure {
  kind: ErrorKind;
  stage: string;
  message: string;
}

/** Activities of a publication beside the stages of an ingest, on `lectern-cpu`. All of them may be done again. */
export interface PublishActivities {
  /** `null`: the lecture is gone, or has no transcript. */
  readHead(input: StageContext): Promise<HeadToPublish | null>;
  /** Writes on the lecture document what the index holds now. */
  recordPublication(input: StageContext & { publication: Publication }): Promise<void>;
  /** Leaves nothing of a lecture that was deleted, and on any other the word of why it was not published. */
  settlePublication(input: StageContext & { failure: PublishFailure | null }): Promise<void>;
}

interface KeywordPair {
  key: { name: SearchAttributeName; type: 'KEYWORD' };
  value: string;
}

/** How a publication is started, for `client.workflow.signalWithStart(PUBLISH_WORKFLOW, options)`. */
export interface PublishStartOptions {
  workflowId: string;
  taskQueue: string;
  args: [PublishInput];
  signal: typeof EDITED_SIGNAL;
  signalArgs: [];
  typedSearchAttributes: KeywordPair[];
  priority: { priorityKey: number; fairnessKey: string };
  staticSummary: string;
}

/** Somebody waits for it who has just edited: before the recordings of the night, fairly among tenants. */
export function toPublishStartOptions({ tenantId, lectureId }: PublishInput): PublishStartOptions {
  const attributes: [SearchAttributeName, string][] = [
    ['LecternTenant', tenantId],
    ['LecternLecture', lectureId],
  ];
  return {
    workflowId: publishWorkflowId(tenantId, lectureId),
    taskQueue: TASK_QUEUES.cpu,
    args: [{ tenantId, lectureId }],
    signal: EDITED_SIGNAL,
    signalArgs: [],
    typedSearchAttributes: attributes.map(([name, value]) => ({ key: { name, type: 'KEYWORD' as const }, value })),
    priority: { priorityKey: PRIORITY_KEYS.high, fairnessKey: tenantId },
    staticSummary: `Publication of edits of ${lectureId}`,
  };
}
