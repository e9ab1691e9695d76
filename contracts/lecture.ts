import { z } from 'zod';
import { LectureIdSchema, Sha256Schema, TenantIdSchema } from './identity.ts';
import { SecondsSchema } from './transcript.ts';

/** ISO 639-1/3 as Whisper names them, lower case. */
export const LanguageCodeSchema = z.string().regex(/^[a-z]{2,3}$/);

export const PrioritySchema = z.enum(['high', 'normal', 'low']);

/** How many people speak: `exact`, or bounds, or nothing for "find out". */
export const SpeakerCountSchema = z
  .object({ exact: z.int().min(1).max(40), min: z.int().min(1).max(40), max: z.int().min(1).max(40) })
  .partial()
  .refine((c) => c.exact === undefined || (c.min === undefined && c.max === undefined), 'give exact, or min and max, not both')
  .refine((c) => c.min === undefined || c.max === undefined || c.min <= c.max, 'min must not exceed max');
export type SpeakerCount = z.infer<typeof SpeakerCountSchema>;

/** Control characters would reach terminals, headings and the Temporal UI. */
export const lineSchema = (maxCharacters: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxCharacters)
    .regex(/^\P{Cc}*$/u, 'one line without control characters');

/** What the lecturer tells about a recording; all of it optional. */
export const LectureMetadataSchema = z.object({
  title: lineSchema(300),
  course: lineSchema(100),
  semester: lineSchema(40),
  recordedAt: z.iso.datetime({ offset: true }),
});

/** A speaker of one lecture: `S1`, `S2`, ... by first appearance. */
export const SpeakerLabelSchema = z.string().regex(/^S[1-9]\d{0,2}$/, 'a speaker is called S1, S2, ...');
export const SpeakerNameSchema = lineSchema(100);

/** What is missing from a lecture and could be made up later by running that stage again. */
export const DegradationSchema = z.object({
  stage: z.string(),
  reason: z.string(),
});
export type Degradation = z.infer<typeof DegradationSchema>;

/** Which weights, in which precision, and how searched where not in the usual way: whoever has the same hears the same. */
export const ModelUsedSchema = z.object({
  name: z.string(),
  revision: z.string(),
  precision: z.string(),
  decoding: z.string().optional(),
});
export type ModelUsed = z.infer<typeof ModelUsedSchema>;

export const LectureStateSchema = z.enum(['processing', 'ready', 'failed', 'cancelled']);

const RevisionNumberSchema = z.int().min(1);
const ArtifactRefSchema = z.object({ key: z.string(), digest: z.string() });

/** The revision that readers of the transcript see. */
const HeadRevisionSchema = z.object({
  number: RevisionNumberSchema,
  transcript: ArtifactRefSchema,
  /** The newest transcript of an ingest that has been taken into account. */
  machine: ArtifactRefSchema,
  lastLabel: z.int().min(0),
  /** What the index holds: the revision's number, and the digest of its transcript. */
  published: z.object({ number: RevisionNumberSchema, digest: z.string() }),
});
export type HeadRevision = z.infer<typeof HeadRevisionSchema>;

/** `lecture.json`: the truth about a lecture, replaced by compare-and-set on its etag. */
export const LectureSchema = z.object({
  tenantId: TenantIdSchema,
  lectureId: LectureIdSchema,
  metadata: LectureMetadataSchema.partial(),
  media: z.object({ key: z.string(), sha256: Sha256Schema, bytes: z.int(), contentType: z.string().optional() }),
  state: LectureStateSchema,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  durationSeconds: SecondsSchema.optional(),
  language: LanguageCodeSchema.optional(),
  /** The model that transcribed it; more than one where a smaller one had to take over. */
  transcribedBy: z.array(ModelUsedSchema).optional(),
  /** Speaker label to display name; unnamed speakers are absent. */
  speakerNames: z.record(z.string(), z.string()),
  /** Keys of the artifacts that the current generation was made of. */
  artifacts: z
    .object({
      prepared: z.string(),
      /** Of the head revision, which the index may lag behind. */
      transcript: z.string(),
      diarization: z.string().optional(),
      voices: z.string(),
      chunks: z.string(),
      embeddings: z.string(),
    })
    .partial(),
  /** Absent while nobody has changed what the first ingest made: that is revision 1 then. */
  revision: HeadRevisionSchema.optional(),
  /** The index generation that readers see. */
  generation: z.string().optional(),
  degraded: z.array(DegradationSchema),
  failure: z.object({ kind: z.string(), stage: z.string(), message: z.string() }).optional(),
});
export type Lecture = z.infer<typeof LectureSchema>;
