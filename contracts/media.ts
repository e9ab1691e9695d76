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

/** How the two channels of a recording differ, over its audible frames of 0.1 s. */
const ChannelComparisonSchema = z.object({
  /** Of the samples: 1 for the same sound in both, -1 for the same upside down, about 0 for two people in two rooms. */
  correlation: z.number(),
  /** Share of frames in which one channel is louder by 6 dB or more. */
  leftShare: z.number(),
  rightShare: z.number(),
});
export type ChannelComparison = z.infer<typeof ChannelComparisonSchema>;

/** Artifact of `prepare`. */
export const PreparedMediaSchema = z.object({
  media: MediaInfoSchema,
  /** Key of the decoded audio, raw s16le at `SAMPLE_RATE`. */
  audioKey: z.string(),
  /** Of a recording with two channels. */
  channels: ChannelComparisonSchema.extend({
    /** Keys of each channel's audio, left and right, where they may be one speaker each. */
    audioKeys: z.tuple([z.string(), z.string()]).optional(),
  }).optional(),
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
