import { z } from 'zod';
import { SecondsSchema, SpanSchema } from './transcript.ts';

/** What Lectern works on, whatever was uploaded: 16,000 Hz, one channel, signed 16-bit little-endian. */
export const SAMPLE_RATE = 16_000;

/** Found by probing the upload; nothing here comes from its name. */
export const MediaInfoSchema = z.object({
  container: z.string(),
  codec: z.string(),
  durationSeconds: SecondsSchema,
  sampleRate: z.int(),
  channels: z.int(),
  hasVideo: z.boolean(),
});
export type MediaInfo = z.infer<typeof MediaInfoSchema>;

/** Artifact of `prepare`. */
export const PreparedMediaSchema = z.object({
  media: MediaInfoSchema,
  /** Key of the decoded audio, raw s16le at `SAMPLE_RATE`. */
  audioKey: z.string(),
  /** Decoded length; a container's own claim may lie. */
  durationSeconds: SecondsSchema,
  /** Integrated loudness of the decoded audio in dBFS (RMS over active frames); -Infinity is written as -120. */
  loudnessDbfs: z.number(),
  /** Largest absolute sample in each of equal slices, 0 to 1, for drawing a waveform; at most 2,000. */
  peaks: z.array(z.number()),
});
export type PreparedMedia = z.infer<typeof PreparedMediaSchema>;

/** Artifact of `detectSpeech`. */
export const SpeechPlanSchema = z.object({
  speech: z.array(SpanSchema),
  /** Even stretches cut in silences, the unit of fan-out; they cover all speech and do not overlap. */
  pieces: z.array(SpanSchema),
});
export type SpeechPlan = z.infer<typeof SpeechPlanSchema>;
