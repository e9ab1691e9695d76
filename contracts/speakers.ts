import { z } from 'zod';
import { JobIdSchema, LectureIdSchema } from './identity.ts';
import { SpeakerCountSchema, SpeakerLabelSchema, SpeakerNameSchema } from './lecture.ts';
import { SpeakerRoleSchema } from './transcript.ts';
import { NameSuggestionSchema } from './voiceprints.ts';

/** A speaker of a lecture: name, part in it, and whom the voice suggests. */
export const SpeakerViewSchema = z.object({
  speaker: SpeakerLabelSchema,
  name: SpeakerNameSchema.optional(),
  role: SpeakerRoleSchema.optional(),
  seconds: z.number(),
  words: z.int(),
  turns: z.int(),
  suggestion: NameSuggestionSchema.optional(),
});
export type SpeakerView = z.infer<typeof SpeakerViewSchema>;

export const SpeakerListSchema = z.object({ lectureId: LectureIdSchema, speakers: z.array(SpeakerViewSchema) });
export type SpeakerList = z.infer<typeof SpeakerListSchema>;

/** How many people speak; `null`: found by listening. */
export const DiarizeAgainSchema = z.strictObject({ speakers: SpeakerCountSchema.nullable() });
export const DiarizeAcceptedSchema = z.object({ jobId: JobIdSchema, lectureId: LectureIdSchema });
export type DiarizeAccepted = z.infer<typeof DiarizeAcceptedSchema>;

/** `null` takes the name away. */
export const RenameSpeakerSchema = z.strictObject({ name: SpeakerNameSchema.nullable() });
