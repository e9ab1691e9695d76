import { z } from 'zod';

/** A tenant is a university or a department: the wall that nothing crosses. */
export const TenantIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');
export type TenantId = z.infer<typeof TenantIdSchema>;

/** `lec_` and 24 hex digits of SHA-256 over tenant and recording: the same recording is the same lecture. */
export const LectureIdSchema = z.string().regex(/^lec_[0-9a-f]{24}$/, 'a lecture id looks like lec_ and 24 hex digits');
export type LectureId = z.infer<typeof LectureIdSchema>;

/** A job is one run of a workflow on a lecture: `<lectureId>.<Temporal run id>`, so that it leads to its workflow without a look-up. */
export const JobIdSchema = z
  .string()
  .regex(/^lec_[0-9a-f]{24}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a job id looks like <lecture id>.<run id>');
export type JobId = z.infer<typeof JobIdSchema>;

export function toJobId(lectureId: LectureId, runId: string): JobId {
  return `${lectureId}.${runId}`;
}

export function splitJobId(jobId: JobId): { lectureId: LectureId; runId: string } {
  const dot = jobId.indexOf('.');
  return { lectureId: jobId.slice(0, dot), runId: jobId.slice(dot + 1) };
}

export const Sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** One id a lecture keeps its writers in line: Temporal runs at most one workflow of an id at a time. */
export function ingestWorkflowId(tenantId: TenantId, lectureId: LectureId): string {
  return `${tenantId}/${lectureId}/ingest`;
}

export function parseIngestWorkflowId(workflowId: string): { tenantId: TenantId; lectureId: LectureId } | undefined {
  const [tenant, lecture, kind, ...rest] = workflowId.split('/');
  if (kind !== 'ingest' || rest.length > 0) return undefined;
  const tenantId = TenantIdSchema.safeParse(tenant);
  const lectureId = LectureIdSchema.safeParse(lecture);
  return tenantId.success && lectureId.success ? { tenantId: tenantId.data, lectureId: lectureId.data } : undefined;
}
