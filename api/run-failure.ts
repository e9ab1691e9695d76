import type { WorkflowExecutionInfo } from '@temporalio/client';
import { JobErrorSchema, type JobError } from '../contracts/api.ts';
import type { ErrorKind } from '../contracts/errors.ts';
import { FAILURE_MEMO, STAGE_READY } from '../contracts/stages.ts';

/** Why a run came to nothing: as it wrote itself, or, where it was cut off before it could, by how it ended. */
export function toRunFailure({
  status,
  memo,
  searchAttributes,
}: Pick<WorkflowExecutionInfo, 'status' | 'memo' | 'searchAttributes'>): JobError {
  const written = JobErrorSchema.safeParse(memo?.[FAILURE_MEMO]);
  if (written.success) return written.data;
  const last = searchAttributes['LecternStage']?.[0];
  const stage = typeof last === 'string' && last !== STAGE_READY ? last : 'index';
  if (status.name === 'TIMED_OUT') return { kind: 'unavailable', stage, message: 'its run took longer than it may' };
  if (status.name === 'TERMINATED') return { kind: 'internal', stage, message: 'its run was terminated by hand' };
  return { kind: 'internal', stage, message: 'its run fell over; its history in Temporal tells where' };
}

const CURES: Record<ErrorKind, string> = {
  'invalid-input': 'Correct what the message names and upload it again: a retry alone cannot mend it.',
  'unsupported-media': 'Upload the recording in another format: a retry alone cannot mend it.',
  'not-found': 'Upload the recording again: something that the run needs is gone.',
  conflict: 'Retry it: another run or edit of the lecture was quicker.',
  unauthorized: 'Correct the credentials of the store or model that refused, then retry it.',
  forbidden: 'Give the store’s or model’s credentials the right that is missing, then retry it.',
  'rate-limited': 'Wait until the limit has passed, then retry it.',
  unavailable: 'See that every part is up (`lectern doctor`), then retry it.',
  'model-missing': 'Install the model (`lectern models pull`), then retry it.',
  'out-of-resources': 'Free disk or memory on the worker’s machine, then retry it.',
  internal: 'Look into the worker’s log of that time, then retry it; report it if it fails again.',
};

export function cureOf({ kind }: JobError): string {
  return CURES[kind as ErrorKind] ?? CURES.internal;
}
