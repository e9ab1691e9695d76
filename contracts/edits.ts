import { z } from 'zod';
import { ApiKeyIdSchema } from './api-keys.ts';
import { LectureIdSchema } from './identity.ts';
import { SpeakerLabelSchema, SpeakerNameSchema } from './lecture.ts';
import { TranscriptSchema } from './transcript.ts';

/** What an editor saves at once; a whole lecture typed anew comes in several. */
const MAX_OPERATIONS = 1_000;
const MAX_WORDS_AT_ONCE = 2_000;

/** A word as people type it: without spaces, so that words stay what is counted, timed and quoted. */
const WordTextSchema = z
  .string()
  .max(100)
  .regex(/^[^\s\p{Cc}]+$/u, 'a word without spaces or control characters');

/** Position of a turn in the revision that was edited, or of a word in its turn; from 0. */
const PositionSchema = z.int().min(0);

/**
 * All that can be done to a transcript. Positions are those of the revision that the edit was made against, also for the later
 * operations of one edit: none has to be counted anew after another.
 */
export const EditOperationSchema = z.discriminatedUnion('kind', [
  /**
   * Words `from` to `to` (exclusive) of a turn become `texts`: with `from` = `to` words are put in before `from`, without texts words
   * go.
   */
  z.strictObject({
    kind: z.literal('replaceWords'),
    turn: PositionSchema,
    from: PositionSchema,
    to: PositionSchema,
    texts: z.array(WordTextSchema).max(MAX_WORDS_AT_ONCE),
  }),
  /** A new turn begins at word `at`; it is of `speaker` where one is given (`null`: unknown). */
  z.strictObject({
    kind: z.literal('splitTurn'),
    turn: PositionSchema,
    at: z.int().min(1),
    speaker: SpeakerLabelSchema.nullable().optional(),
  }),
  /** The turn and the next one become one, of the first one's speaker. */
  z.strictObject({ kind: z.literal('joinTurns'), turn: PositionSchema }),
  /** Turns `fromTurn` to `toTurn` (exclusive) are of this speaker. */
  z.strictObject({
    kind: z.literal('assignTurns'),
    fromTurn: PositionSchema,
    toTurn: PositionSchema,
    speaker: SpeakerLabelSchema.nullable(),
  }),
  /** One person was taken for two: all that `from` says is said by `into`. */
  z.strictObject({ kind: z.literal('mergeSpeakers'), from: SpeakerLabelSchema, into: SpeakerLabelSchema }),
  /** Two people were taken for one: what `speaker` says in turns `fromTurn` to `toTurn` (exclusive) is said by somebody new. */
  z.strictObject({ kind: z.literal('splitSpeaker'), speaker: SpeakerLabelSchema, fromTurn: PositionSchema, toTurn: PositionSchema }),
  /** `null` takes the name away. */
  z.strictObject({ kind: z.literal('renameSpeaker'), speaker: SpeakerLabelSchema, name: SpeakerNameSchema.nullable() }),
]);
export type EditOperation = z.infer<typeof EditOperationSchema>;

export const RevisionNumberSchema = z.int().min(1);

/** Body of `PATCH .../transcript`. */
export const EditSchema = z.strictObject({
  /** The revision that the positions are of; may come as `If-Match` instead. */
  baseRevision: RevisionNumberSchema.optional(),
  operations: z.array(EditOperationSchema).min(1).max(MAX_OPERATIONS),
});

/** How much a revision changes its parent. */
export const RevisionSummarySchema = z.object({
  wordsAdded: z.int(),
  wordsRemoved: z.int(),
  /** Words that are another speaker's now. */
  wordsReassigned: z.int(),
  turns: z.int(),
  speakersRenamed: z.int(),
});
export type RevisionSummary = z.infer<typeof RevisionSummarySchema>;

/** Where a revision comes from. `machine`: an ingest; edits that were made before are in it, but for `editsLost` of them. */
export const RevisionOriginSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('machine'), editsLost: z.int().min(0) }),
  z.object({ kind: z.literal('edit'), operations: z.array(EditOperationSchema) }),
  z.object({ kind: z.literal('restore'), of: RevisionNumberSchema }),
]);

/** The key that a revision was made with; `null` for the machine. */
export const RevisionAuthorSchema = z.object({ keyId: ApiKeyIdSchema, name: z.string() }).nullable();
export type RevisionAuthor = z.infer<typeof RevisionAuthorSchema>;

const SpeakerNamesSchema = z.record(z.string(), z.string());

const TranscriptRefSchema = z.object({ key: z.string(), digest: z.string() });

/** A revision as it is stored, once and for ever. */
export const RevisionSchema = z.object({
  number: RevisionNumberSchema,
  parent: RevisionNumberSchema.nullable(),
  author: RevisionAuthorSchema,
  at: z.iso.datetime(),
  origin: RevisionOriginSchema,
  summary: RevisionSummarySchema,
  transcript: TranscriptRefSchema,
  /** The newest transcript of an ingest that has been taken into account. */
  machine: TranscriptRefSchema,
  speakerNames: SpeakerNamesSchema,
  /** The highest number that a speaker's label ever had in this lecture. */
  lastLabel: z.int().min(0),
});
export type Revision = z.infer<typeof RevisionSchema>;

/** A revision in a list: without what it holds. */
export const RevisionViewSchema = RevisionSchema.pick({ number: true, parent: true, author: true, at: true, summary: true }).extend({
  kind: z.enum(['machine', 'edit', 'restore']),
});
export type RevisionView = z.infer<typeof RevisionViewSchema>;

export const RevisionListSchema = z.object({
  lectureId: LectureIdSchema,
  /** The one that the transcript shows. */
  head: RevisionNumberSchema,
  /** The one that search finds; behind `head` while an edit is being published. */
  published: RevisionNumberSchema.nullable(),
  /** The newest first. */
  revisions: z.array(RevisionViewSchema),
});
export type RevisionList = z.infer<typeof RevisionListSchema>;

export const RevisionDetailSchema = RevisionViewSchema.extend({
  origin: RevisionOriginSchema,
  speakerNames: SpeakerNamesSchema,
  transcript: TranscriptSchema,
});

/** Answer to an edit: the revision is durable. Search finds it as soon as it is published. */
export const EditAcceptedSchema = z.object({
  lectureId: LectureIdSchema,
  revision: RevisionViewSchema,
  /** `done`: nothing in the index had to change; `running`: it is being brought up to date; `waiting`: as soon as Temporal is back. */
  publication: z.enum(['done', 'running', 'waiting']),
});
export type EditAccepted = z.infer<typeof EditAcceptedSchema>;

/** Something that two revisions say differently. */
export const RevisionChangeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('words'), startSeconds: z.number(), speaker: z.string().nullable(), removed: z.string(), added: z.string() }),
  z.object({
    kind: z.literal('speaker'),
    startSeconds: z.number(),
    words: z.int(),
    before: z.string().nullable(),
    after: z.string().nullable(),
  }),
  z.object({ kind: z.literal('name'), speaker: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
]);
export type RevisionChange = z.infer<typeof RevisionChangeSchema>;

export const RevisionDiffSchema = z.object({
  lectureId: LectureIdSchema,
  /** The older side and the newer one, as asked for. */
  against: RevisionNumberSchema,
  number: RevisionNumberSchema,
  summary: RevisionSummarySchema,
  changes: z.array(RevisionChangeSchema),
});
export type RevisionDiff = z.infer<typeof RevisionDiffSchema>;
