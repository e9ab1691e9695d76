import { z } from 'zod';

/** How well one speech model did on a set of recordings with references, in this build. */
const MeasuredModelSchema = z.object({
  name: z.string(),
  revision: z.string(),
  precision: z.string(),
  /** Pooled word error rate, 0 to 1 and above, and the bounds of its middle 95 % (bootstrap over recordings). */
  wer: z.number().min(0),
  werInterval: z.tuple([z.number(), z.number()]).nullable(),
  /** Seconds of processor time, all threads together, for a second of audio: the same whatever else the machine does. */
  processorFactor: z.number().positive(),
});

/** `eval/results/speech-models.json`: what `npm run eval -- models` measured, and `lectern models list` tells. */
export const MeasuredModelsSchema = z.object({
  data: z.string(),
  recordings: z.int().positive(),
  audioSeconds: z.number().positive(),
  threads: z.int().positive(),
  models: z.array(MeasuredModelSchema),
});
export type MeasuredModels = z.infer<typeof MeasuredModelsSchema>;
export type MeasuredModel = z.infer<typeof MeasuredModelSchema>;
