import { channel } from 'node:diagnostics_channel';

export interface InferenceLogEntry {
  /** One line, for people. */
  message: string;
  /** Facts about it, for machines. */
  fields: Record<string, string | number>;
}

/**
 * What the inference layer has to say. Worker threads pass their entries on to the thread that started them, so a
 * process subscribes once: `inferenceLog.subscribe((entry) => logger.info(...))`.
 */
export const inferenceLog = channel('lectern:inference');

export function logInference(message: string, fields: Record<string, string | number>): void {
  const entry: InferenceLogEntry = { message, fields };
  inferenceLog.publish(entry);
}
