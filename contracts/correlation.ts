// Without zod: the workflow sandbox loads this file.

/** Temporal header that leads from a request to the activities that it set off: ids only, as headers are never encrypted. */
export const CORRELATION_HEADER = 'lectern-correlation';

/** What of a request its workflow, the workflow's children and their activities know. Absent: nobody asked over HTTP. */
export interface Correlation {
  requestId?: string;
  /** 32 hex digits, as W3C's `traceparent` has them. */
  traceId?: string;
  /** When the run began that an activity belongs to, in milliseconds since 1970. */
  runStartedAtMs?: number;
}

/** Whose work a run is, as log lines say it; read from the workflow id, which begins `<tenant>/`, and mostly `<tenant>/<lecture>/`. */
export interface RunIdentity {
  tenantId: string;
  lectureId?: string;
  /** As `lectern jobs` shows it; the bare run id where the run is of no lecture. */
  jobId: string;
}

export function toRunIdentity(workflowId: string, runId: string): RunIdentity {
  const [tenantId = '', second = ''] = workflowId.split('/');
  if (!/^lec_[0-9a-f]{24}$/.test(second)) return { tenantId, jobId: runId };
  return { tenantId, lectureId: second, jobId: `${second}.${runId}` };
}
