import { z } from 'zod';
import { LectureIdSchema } from './identity.ts';
import { SecondsSchema, SpeakerRoleSchema } from './transcript.ts';

/** Narrowing of a search; each list means "one of these", all given ones must hold. */
export const QueryFiltersSchema = z
  .object({
    courses: z.array(z.string()).min(1),
    semesters: z.array(z.string()).min(1),
    lectureIds: z.array(LectureIdSchema).min(1),
    /** Speaker labels (`S1`) or display names. */
    speakers: z.array(z.string()).min(1),
    /** Parts that speakers have in a lecture; a passage whose speaker's is not known is left out. */
    roles: z.array(SpeakerRoleSchema).min(1),
    /** Words that a passage holds side by side, all of the phrases; case and punctuation aside. */
    phrases: z.array(z.string().trim().min(1).max(500)).min(1).max(20),
    /** Only passages that end after / start before this second of their recording. */
    fromSeconds: SecondsSchema,
    toSeconds: SecondsSchema,
  })
  .partial();
export type QueryFilters = z.infer<typeof QueryFiltersSchema>;

export const QueryRequestSchema = z.object({
  question: z.string().trim().min(1).max(2_000),
  limit: z.int().min(1).max(50).default(5),
  filters: QueryFiltersSchema.default({}),
  /** False for search alone. */
  answer: z.boolean().default(true),
  /**
   * Milliseconds for finding passages, `LECTERN_QUERY_BUDGET_MS` by default: stages after the first pass that would take longer
   * are left out. The answer is not counted.
   */
  budgetMs: z.int().min(0).max(600_000).optional(),
});
export type QueryRequest = z.infer<typeof QueryRequestSchema>;

/** A leg of the hybrid search. */
export const LEGS = ['dense', 'sparse', 'bm25'] as const;
export type Leg = (typeof LEGS)[number];

export const HitSchema = z.object({
  chunkId: z.string(),
  lectureId: LectureIdSchema,
  title: z.string().optional(),
  course: z.string().optional(),
  semester: z.string().optional(),
  /** Label in the lecture; `null` when unknown. */
  speaker: z.string().nullable(),
  speakerName: z.string().optional(),
  /** The speaker's part in the lecture, where one is known. */
  role: SpeakerRoleSchema.optional(),
  startSeconds: SecondsSchema,
  endSeconds: SecondsSchema,
  text: z.string(),
  /** Fused score: comparable within one answer only. */
  score: z.number(),
  /** Rank (from 1) and score of the passage in each leg that found it. */
  legs: z.partialRecord(z.enum(LEGS), z.object({ rank: z.int(), score: z.number() })),
});
export type Hit = z.infer<typeof HitSchema>;

export const CitationSchema = z.object({
  chunkId: z.string(),
  lectureId: LectureIdSchema,
  speaker: z.string().nullable(),
  /** Span of the quoted words, not of the whole passage. */
  startSeconds: SecondsSchema,
  endSeconds: SecondsSchema,
  /** Words of the transcript, exactly. */
  quote: z.string(),
});
export type Citation = z.infer<typeof CitationSchema>;

export const AnswerSchema = z.object({
  text: z.string(),
  /** `extractive`: sentences of the lectures, no language model involved. `none`: not in the lectures. */
  kind: z.enum(['generated', 'extractive', 'none']),
  model: z.string().nullable(),
  citations: z.array(CitationSchema),
  /** Why the answer is less than it could be, in words (no language model configured, it failed, ...). */
  notice: z.string().optional(),
});
export type Answer = z.infer<typeof AnswerSchema>;

export const QueryResponseSchema = z.object({
  question: z.string(),
  hits: z.array(HitSchema),
  answer: AnswerSchema.optional(),
  /** Milliseconds of each step: embed, index (all legs in one call), fuse, read, answer, total. */
  timingsMs: z.record(z.string(), z.number()),
  /** Stages of the search that were left out to keep to the budget, by the names they have in `timingsMs`. */
  skipped: z.array(z.string()),
});
export type QueryResponse = z.infer<typeof QueryResponseSchema>;
