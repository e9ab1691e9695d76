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

/** Five fields: minute, hour, day of the month, month, day of the week. */
const CronSchema = z
  .string()
  .regex(/^(\S+\s+){4}\S+$/, 'a cron expression of five fields: minute hour day month weekday')
  .max(200);

/** Body of `POST /api/v1/schedules`. */
export const NewScheduleSchema = z.strictObject({
  scheduleId: ScheduleIdSchema,
  semester: SemesterSchema,
  cron: CronSchema,
  /** IANA's name. */
  timezone: z.string().max(60).default('UTC'),
  paused: z.boolean().default(false),
  ...ReindexOptionsSchema.shape,
});
export type NewSchedule = z.infer<typeof NewScheduleSchema>;

export const ScheduleViewSchema = z.object({
  scheduleId: ScheduleIdSchema,
  paused: z.boolean(),
  /** Absent from lists. */
  semester: z.string().optional(),
  options: ReindexOptionsSchema.optional(),
  /** The next few times. */
  nextAt: z.array(z.iso.datetime()),
  /** The last few re-indexes that it started. */
  recent: z.array(z.object({ reindexId: ReindexIdSchema, startedAt: z.iso.datetime() })),
});
export type ScheduleView = z.infer<typeof ScheduleViewSchema>;
export const ScheduleListSchema = z.object({ schedules: z.array(ScheduleViewSchema) });

/** Body of `.../backfill`: the times in between are made up for. */
export const BackfillSchema = z
  .strictObject({ from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'from must be before to');
export type Backfill = z.infer<typeof BackfillSchema>;

const QualitySchema = z.object({ ndcg10: z.number(), hitRate: z.number() });

const ReindexProgressSchema = z.object({
  semester: z.string(),
  lectures: z.int(),
  staged: z.int(),
  unchanged: z.int(),
  gone: z.int(),
  failed: z.int(),
  computedStages: z.int(),
  remainingSeconds: z.number().nullable(),
  evaluation: z.object({ questions: z.int(), before: QualitySchema, after: QualitySchema }).nullable(),
  heldBecause: z.string().optional(),
  decision: z.enum(['swap', 'drop']).optional(),
  swapped: z.int().optional(),
  left: z.int().optional(),
});

export const ReindexStateSchema = z.enum([
  'running',
  'measuring',
  'held',
  'swapping',
  'swapped',
  'rolledBack',
  'dropped',
  'unchanged',
  'failed',
  'cancelled',
]);

const MovedLecturesSchema = z.object({ moved: z.int(), left: z.int() });

export const ReindexSummarySchema = z.object({
  reindexId: ReindexIdSchema,
  isRunning: z.boolean(),
  startedAt: z.iso.datetime(),
  closedAt: z.iso.datetime().optional(),
});
export const ReindexListSchema = z.object({ reindexes: z.array(ReindexSummarySchema) });
export type ReindexList = z.infer<typeof ReindexListSchema>;

export const ReindexViewSchema = ReindexSummarySchema.extend({
  state: ReindexStateSchema,
  /** Absent when no worker could tell. */
  progress: ReindexProgressSchema.optional(),
  /** The generations from before the swap are still there. */
  canRollBack: z.boolean(),
  rolledBack: MovedLecturesSchema.optional(),
  error: z.string().optional(),
});
export type ReindexView = z.infer<typeof ReindexViewSchema>;
