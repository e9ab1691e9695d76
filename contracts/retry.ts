import { z } from 'zod';
import { JobIdSchema, LectureIdSchema } from './identity.ts';
import { LanguageCodeSchema, PrioritySchema, SpeakerCountSchema } from './lecture.ts';

/** What a retry may change: an option left out stays as it was, `null` is "find it out by listening". */
export const RetryOverridesSchema = z.strictObject({
  language: LanguageCodeSchema.nullable().optional(),
  speakers: SpeakerCountSchema.nullable().optional(),
  priority: PrioritySchema.optional(),
});
export type RetryOverrides = z.infer<typeof RetryOverridesSchema>;

/** What a retry came to. */
export const RetryAcceptedSchema = z.object({
  /** The run that goes on. */
  jobId: JobIdSchema,
  lectureId: LectureIdSchema,
  /**
   * `continued`: from the stage that failed, with what the stages before it gave. `anew`: from the beginning, where stages find
   * their artifacts and compute nothing twice.
   */
  how: z.enum(['continued', 'anew']),
  /** Why it could not be continued; absent where it was. */
  reason: z.string().optional(),
});
export type RetryAccepted = z.infer<typeof RetryAcceptedSchema>;
