import { z } from 'zod';
import { LectureIdSchema } from './identity.ts';
import { SpeakerLabelSchema, SpeakerNameSchema } from './lecture.ts';
import { SecondsSchema } from './transcript.ts';

/** Clean speech that a voice needs before a name is put to it. */
export const MIN_ENROLMENT_SECONDS = 5;
/** Of one person: the newest are kept. */
export const MAX_VOICEPRINT_SAMPLES = 20;

/** What vectors were made with: those of different models are never compared. */
export const VoiceModelSchema = z.object({ name: z.string(), revision: z.string(), precision: z.string() });
export type VoiceModel = z.infer<typeof VoiceModelSchema>;

/** Unit-length vector as base64 of little-endian float32. */
const VoiceVectorSchema = z.base64();

/** Artifact of `diarize` for tenants that have opted in: how each speaker sounds. Biometric data. */
export const LectureVoicesSchema = z.object({
  model: VoiceModelSchema,
  voices: z.array(z.object({ speaker: SpeakerLabelSchema, cleanSeconds: SecondsSchema, vector: VoiceVectorSchema })),
});
export type LectureVoices = z.infer<typeof LectureVoicesSchema>;

export const VoiceprintIdSchema = z.string().regex(/^vp_[0-9a-f]{24}$/, 'a voiceprint id looks like vp_ and 24 hex digits');

export const VoiceSampleSchema = z.object({
  lectureId: LectureIdSchema,
  speaker: SpeakerLabelSchema,
  cleanSeconds: SecondsSchema,
  model: VoiceModelSchema,
  enrolledAt: z.iso.datetime(),
});

/** A person's voice as clients see it: without the vectors. */
export const VoiceprintViewSchema = z.object({
  /** Made by chance: it says nothing about the person. */
  voiceprintId: VoiceprintIdSchema,
  name: SpeakerNameSchema,
  createdAt: z.iso.datetime(),
  samples: z.array(VoiceSampleSchema),
});
export type VoiceprintView = z.infer<typeof VoiceprintViewSchema>;

/** A person's voice as it is stored. */
export const VoiceprintSchema = VoiceprintViewSchema.extend({
  samples: z.array(VoiceSampleSchema.extend({ vector: VoiceVectorSchema })).max(MAX_VOICEPRINT_SAMPLES),
});
export type Voiceprint = z.infer<typeof VoiceprintSchema>;
export type VoiceSample = Voiceprint['samples'][number];

export const VoiceprintListSchema = z.object({ voiceprints: z.array(VoiceprintViewSchema) });
export type VoiceprintList = z.infer<typeof VoiceprintListSchema>;

/** Says whose voice a speaker of a lecture has. The name of a voiceprint that is there adds a sample to it. */
export const EnrolVoiceSchema = z.strictObject({ name: SpeakerNameSchema, lectureId: LectureIdSchema, speaker: SpeakerLabelSchema });
export type EnrolVoice = z.infer<typeof EnrolVoiceSchema>;

/** A name that a speaker's voice suggests. Nobody is renamed by it. */
export const NameSuggestionSchema = z.object({
  suggestedName: SpeakerNameSchema,
  voiceprintId: VoiceprintIdSchema,
  /** Cosine of the voices, -1 to 1. */
  score: z.number(),
  /** How much better than with anybody else's voiceprint; `null` where there is nobody else's. */
  margin: z.number().nullable(),
});
export type NameSuggestion = z.infer<typeof NameSuggestionSchema>;
