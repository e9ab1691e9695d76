import { z } from 'zod';
import { lineSchema } from './lecture.ts';
import { SecondsSchema } from './transcript.ts';
import { HOLD_RULES } from './reindex-workflow.ts';

// The names live in a file of their own because the workflow sandbox must not load zod.
export * from './reindex-workflow.ts';

export const SemesterSchema = lineSchema(40);

/** Names a schedule within its tenant, and begins the ids of the re-indexes that it starts. */
export const ScheduleIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'lower-case letters, digits and hyphens, at most 60');

export const ReindexIdSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9:-]{0,120}$/, 'a re-index is called as its schedule, and by a time');

/** Where a question is answered: seconds of a lecture, which is named by its id or title, or the words said there. */
const EvaluationContextSchema = z.union([
  lineSchema(2_000),
  z.object({ recording: lineSchema(300), startSeconds: SecondsSchema, endSeconds: SecondsSchema }),
]);
export type EvaluationContext = z.infer<typeof EvaluationContextSchema>;

/** A line of `lectern eval`'s question files, as far as search is measured by it. */
export const EvaluationQuestionSchema = z.object({
  question: lineSchema(2_000),
  ground_truth_contexts: z.array(EvaluationContextSchema).max(100).default([]),
});
export type EvaluationQuestion = z.infer<typeof EvaluationQuestionSchema>;

export const EvaluationSetSchema = z.object({ questions: z.array(EvaluationQuestionSchema).max(2_000) });
export type EvaluationSet = z.infer<typeof EvaluationSetSchema>;

/** Seven days: long enough to hear complaints, short enough not to keep everything twice for ever. */
const WAY_BACK_DAYS = 7;

export const ReindexOptionsSchema = z.object({
  /** Lectures at once. */
  window: z.int().min(1).max(50).default(4),
  /** By how much nDCG@10 or the hit rate may fall before the swap is held. */
  margin: z.number().min(0).max(1).default(0.02),
  hold: z.enum(HOLD_RULES).default('worse'),
  /** For how long a swap can be rolled back. */
  wayBackDays: z.number().min(0).max(90).default(WAY_BACK_DAYS),
});
