import { z } from 'zod';
import { ProblemSchema } from './api.ts';
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
  /** What was asked and answered before in this conversation, oldest first; the server keeps none of it. */
  history: z
    .array(z.object({ question: z.string().trim().min(1).max(2_000), answer: z.string().max(4_000) }))
    .max(8)
    .optional(),
  /** True for the answer as it is written, as server-sent events; so does `Accept: text/event-stream`. */
  stream: z.boolean().optional(),
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
  /**
   * What hits are ordered by: it falls from the first to the last. Compares hits of one answer only, since its scale follows what
   * was found and which stages ran; what a leg itself measured is in `legs`.
   */
  score: z.number(),
  /** Rank (from 1) and score of the passage in each leg that found it. */
  legs: z.partialRecord(z.enum(LEGS), z.object({ rank: z.int(), score: z.number() })),
});
export type Hit = z.infer<typeof HitSchema>;

export const CitationSchema = z.object({
  chunkId: z.string(),
  lectureId: LectureIdSchema,
  speaker: z.string().nullable(),
  /** Name of the speaker, where one was given. */
  speakerName: z.string().optional(),
  role: SpeakerRoleSchema.optional(),
  /** Span of the quoted words, not of the whole passage. */
  startSeconds: SecondsSchema,
  endSeconds: SecondsSchema,
  /** Words of the transcript, exactly. */
  quote: z.string(),
});
export type Citation = z.infer<typeof CitationSchema>;

/** A sentence of a generated answer. */
export const ClaimSchema = z.object({
  text: z.string(),
  /** False: no passage found says so. In the answer's text `[?]` stands behind it. */
  supported: z.boolean(),
  /** Numbers, from 1, of the citations that bear it out. */
  citations: z.array(z.int().min(1)),
});
export type Claim = z.infer<typeof ClaimSchema>;

export const AnswerSchema = z.object({
  /** `[1]` refers to the first citation. */
  text: z.string(),
  /** `extractive`: sentences of the lectures, no language model involved. `none`: not in the lectures. */
  kind: z.enum(['generated', 'extractive', 'none']),
  model: z.string().nullable(),
  citations: z.array(CitationSchema),
  /** The sentences of a generated answer, each with what bears it out. */
  claims: z.array(ClaimSchema).optional(),
  /** Why the answer is less than it could be, in words (no language model configured, it failed, ...). */
  notice: z.string().optional(),
});
export type Answer = z.infer<typeof AnswerSchema>;

export const QueryResponseSchema = z.object({
  question: z.string(),
  /** What was looked for, where the question leans on the conversation before it. */
  rewritten: z.string().optional(),
  hits: z.array(HitSchema),
  answer: AnswerSchema.optional(),
  /** Milliseconds of each step: embed, index (all legs in one call), fuse, read, answer, total. */
  timingsMs: z.record(z.string(), z.number()),
  /** Stages of the search that were left out to keep to the budget, by the names they have in `timingsMs`. */
  skipped: z.array(z.string()),
  /** Phrases in quotation marks that no passage holds, all of them, word for word: the hits are without them then. */
  unheardPhrases: z.array(z.string()),
});
export type QueryResponse = z.infer<typeof QueryResponseSchema>;

/**
 * What a streamed answer consists of, in this order: `hits` once; `citation`, each before the first text that refers to it, and
 * `delta`, verified text that adds up to the answer; `answer`, the whole response, which alone counts: where a language model
 * breaks off, its answer is another than the deltas. `error` ends the stream in place of `answer`. Comments are heartbeats.
 */
export const QueryEventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('hits'), data: QueryResponseSchema.omit({ answer: true }) }),
  z.object({ event: z.literal('citation'), data: z.object({ number: z.int().min(1), citation: CitationSchema }) }),
  z.object({ event: z.literal('delta'), data: z.object({ text: z.string() }) }),
  z.object({ event: z.literal('answer'), data: QueryResponseSchema }),
  z.object({ event: z.literal('error'), data: ProblemSchema }),
]);
export type QueryEvent = z.infer<typeof QueryEventSchema>;
