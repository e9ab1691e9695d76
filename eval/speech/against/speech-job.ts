import { z } from 'zod';
import { SpanSchema, SpeakerTurnSchema } from '../../../contracts/transcript.ts';

export const TimedTextSchema = SpanSchema.extend({ text: z.string() });
export type TimedText = z.infer<typeof TimedTextSchema>;

/** What a process of its own is told to do, Lectern's and a peer's alike: read as JSON from the file that its last argument names. */
export const SpeechJobSchema = z.object({
  task: z.enum(['transcribe', 'diarize']),
  /** How, where a system has more than one way. */
  mode: z.string(),
  threads: z.int().min(1),
  /** Where a transcriber's weights are, in its form. */
  modelDir: z.string(),
  /** WAV files of 16 kHz mono s16le. The first is done once before the clock runs. */
  files: z.array(
    z.object({
      file: z.string(),
      path: z.string(),
      /** For a system that cannot find it out; the others are not to read it. */
      language: z.string(),
    }),
  ),
});
export type SpeechJob = z.infer<typeof SpeechJobSchema>;

/** What it writes to stdout. */
export const JobResultSchema = z.object({
  loadSeconds: z.number(),
  /** Wall and processor time over all files, child processes counted. */
  workSeconds: z.number(),
  processorSeconds: z.number(),
  /** Largest resident memory of the process itself. */
  peakMemoryBytes: z.number(),
  files: z.array(
    z.object({
      file: z.string(),
      text: z.string(),
      turns: z.array(SpeakerTurnSchema),
      /** Of a transcriber that tells when words are said, in order of time. */
      words: z.array(TimedTextSchema).default([]),
    }),
  ),
});
export type JobResult = z.infer<typeof JobResultSchema>;
