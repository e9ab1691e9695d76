import { z } from 'zod';
import { SpeakerTurnSchema } from '../../../contracts/transcript.ts';

/** What a process of its own is told to do, Lectern's and a peer's alike: read as JSON from the file that its last argument names. */
export const SpeechJobSchema = z.object({
  task: z.enum(['transcribe', 'diarize']),
  /** How, where a system has more than one way. */
  mode: z.string(),
  threads: z.int().min(1),
  /** Weights in CTranslate2's form, for a transcriber. */
  modelDir: z.string(),
  /** The first is done once before the clock runs. */
  files: z.array(z.object({ file: z.string(), path: z.string() })),
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
  files: z.array(z.object({ file: z.string(), text: z.string(), turns: z.array(SpeakerTurnSchema) })),
});
export type JobResult = z.infer<typeof JobResultSchema>;
