import { z } from 'zod';
import { JobErrorSchema, JobStateSchema } from './api.ts';
import { ERROR_KINDS } from './errors.ts';
import { JobIdSchema, LectureIdSchema } from './identity.ts';
import { STAGES } from './stages.ts';

/** Which of the failed ingests are meant; all of them without any. */
export const DeadLetterFilterSchema = z.strictObject({
  kind: z.enum(ERROR_KINDS).optional(),
  stage: z.enum(STAGES).optional(),
  /** Those that ended at this time or later. */
  since: z.iso.datetime({ offset: true }).optional(),
});
export type DeadLetterFilter = z.infer<typeof DeadLetterFilterSchema>;

/** An ingest that came to nothing and that nobody has retried, replaced or deleted since. */
export const DeadLetterSchema = z.object({
  jobId: JobIdSchema,
  lectureId: LectureIdSchema,
  error: JobErrorSchema,
  /** What to do about it. */
  cure: z.string(),
  /** Runs of this lecture's ingest that Temporal remembers, retries among them. */
  runs: z.int(),
  startedAt: z.iso.datetime(),
  closedAt: z.iso.datetime(),
});
export type DeadLetter = z.infer<typeof DeadLetterSchema>;

const CountsSchema = z.array(z.object({ name: z.string(), jobs: z.int() }));

export const DeadLetterPageSchema = z.object({
  /** All that the filter lets through, beyond this page. */
  total: z.int(),
  /** The most frequent first. */
  byKind: CountsSchema,
  byStage: CountsSchema,
  /** The last ended first. */
  jobs: z.array(DeadLetterSchema),
  nextCursor: z.string().nullable(),
});
export type DeadLetterPage = z.infer<typeof DeadLetterPageSchema>;

/** Which failed ingests to retry, and how many a minute. */
export const BulkRetrySchema = DeadLetterFilterSchema.extend({ perMinute: z.number().min(0.1).max(600).default(30) });
export type BulkRetry = z.infer<typeof BulkRetrySchema>;

export const BulkRetryIdSchema = z.uuid();

export const BulkRetryViewSchema = z.object({
  retryId: BulkRetryIdSchema,
  state: JobStateSchema,
  /** Ingests that go on again. */
  retried: z.int(),
  /** Ingests that could not: somebody else was quicker, or they were deleted meanwhile. */
  refused: z.int(),
});
export type BulkRetryView = z.infer<typeof BulkRetryViewSchema>;
