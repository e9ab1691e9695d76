import { z } from 'zod';
import { ERROR_KINDS } from './errors.ts';
import { JobIdSchema, LectureIdSchema } from './identity.ts';
import { STAGES } from './ingest.ts';
import {
  DegradationSchema,
  LanguageCodeSchema,
  LectureMetadataSchema,
  LectureStateSchema,
  ModelUsedSchema,
  PrioritySchema,
  SpeakerCountSchema,
} from './lecture.ts';
import { SecondsSchema, TranscriptSchema } from './transcript.ts';
import { VocabularyTextSchema } from './vocabulary.ts';

/** RFC 9457 problem document: the body of every answer that is an error. */
export const ProblemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  kind: z.enum(ERROR_KINDS),
  /** What the caller can do about it. */
  cure: z.string().optional(),
  /** Names this one occurrence; the log line of the server carries the same id. */
  instance: z.string(),
});
export type Problem = z.infer<typeof ProblemSchema>;

/** `3` for exactly three people, `2-4` for bounds. */
const SpeakersFieldSchema = z
  .string()
  .regex(/^\d{1,2}(-\d{1,2})?$/, 'a number of speakers, as 3 or 2-4')
  .transform((text): z.input<typeof SpeakerCountSchema> => {
    const [first = '', last] = text.split('-');
    return last === undefined ? { exact: Number(first) } : { min: Number(first), max: Number(last) };
  })
  .pipe(SpeakerCountSchema);

/** Text fields of the multipart body of `POST /api/v1/ingest`, beside `file`. */
export const IngestFieldsSchema = z.strictObject({
  title: LectureMetadataSchema.shape.title.optional(),
  course: LectureMetadataSchema.shape.course.optional(),
  semester: LectureMetadataSchema.shape.semester.optional(),
  recordedAt: LectureMetadataSchema.shape.recordedAt.optional(),
  language: LanguageCodeSchema.optional(),
  speakers: SpeakersFieldSchema.optional(),
  priority: PrioritySchema.default('normal'),
  vocabulary: VocabularyTextSchema.optional(),
});
export type IngestFields = z.infer<typeof IngestFieldsSchema>;

export const IngestAcceptedSchema = z.object({
  jobId: JobIdSchema,
  lectureId: LectureIdSchema,
  /** True when this tenant had uploaded the same bytes before: the finished stages are not run again. */
  duplicate: z.boolean(),
});
export type IngestAccepted = z.infer<typeof IngestAcceptedSchema>;

export const JobStateSchema = z.enum(['running', 'completed', 'failed', 'cancelled', 'terminated']);
export type JobState = z.infer<typeof JobStateSchema>;

export const JobErrorSchema = z.object({ kind: z.string(), stage: z.string(), message: z.string() });
export type JobError = z.infer<typeof JobErrorSchema>;

const JobSummarySchema = z.object({
  jobId: JobIdSchema,
  lectureId: LectureIdSchema,
  state: JobStateSchema,
  startedAt: z.iso.datetime(),
  closedAt: z.iso.datetime().optional(),
  /** The stage that runs, or that the job ended in. */
  stage: z.string().optional(),
});
export type JobSummary = z.infer<typeof JobSummarySchema>;

const StageProgressSchema = z.object({
  stage: z.enum(STAGES),
  state: z.enum(['waiting', 'running', 'done', 'reused', 'degraded', 'failed']),
  /** Units done and in all, where a stage has units (pieces of `transcribe`). */
  done: z.number().optional(),
  total: z.number().optional(),
  /** Seconds of the recording done and in all, where the stage tells: those of running pieces count as they go. Never goes back. */
  doneSeconds: SecondsSchema.optional(),
  totalSeconds: SecondsSchema.optional(),
});

export const JobSchema = JobSummarySchema.extend({
  /** Empty when no worker could tell. */
  stages: z.array(StageProgressSchema),
  degraded: z.array(DegradationSchema),
  error: JobErrorSchema.optional(),
});
export type Job = z.infer<typeof JobSchema>;

/** Hand `nextCursor` back as `cursor` for the page after; `null` on the last. */
export const JobPageSchema = z.object({ jobs: z.array(JobSummarySchema), nextCursor: z.string().nullable() });
export type JobPage = z.infer<typeof JobPageSchema>;

/** A lecture as clients see it: the document without keys and digests. */
export const LectureViewSchema = z.object({
  lectureId: LectureIdSchema,
  ...LectureMetadataSchema.partial().shape,
  state: LectureStateSchema,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  bytes: z.int(),
  durationSeconds: SecondsSchema.optional(),
  language: LanguageCodeSchema.optional(),
  transcribedBy: z.array(ModelUsedSchema).optional(),
  speakerNames: z.record(z.string(), z.string()),
  /** Of an edited transcript: the revision that it shows, and the one that search finds, which follows. */
  headRevision: z.int().min(1).optional(),
  publishedRevision: z.int().min(1).optional(),
  degraded: z.array(DegradationSchema),
  failure: JobErrorSchema.optional(),
});
export type LectureView = z.infer<typeof LectureViewSchema>;

export const LecturePageSchema = z.object({ lectures: z.array(LectureViewSchema), nextCursor: z.string().nullable() });
export type LecturePage = z.infer<typeof LecturePageSchema>;

export const TRANSCRIPT_FORMATS = ['json', 'vtt', 'srt', 'md', 'rttm', 'seglst', 'tsv'] as const;
export const TranscriptFormatSchema = z.enum(TRANSCRIPT_FORMATS);
export type TranscriptFormat = z.infer<typeof TranscriptFormatSchema>;

/** The transcript with the display names of its speakers; labels without a name are absent. */
export const TranscriptViewSchema = TranscriptSchema.extend({
  lectureId: LectureIdSchema,
  /** Its ETag too: the one that an edit is made against. */
  revision: z.int().min(1),
  speakerNames: z.record(z.string(), z.string()),
});

export const LivenessSchema = z.object({ state: z.literal('up') });

export const ReadinessSchema = z.object({
  state: z.enum(['up', 'down']),
  dependencies: z.array(z.object({ name: z.string(), state: z.enum(['up', 'down']) })),
});
