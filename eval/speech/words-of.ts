import type { Transcription } from '../../contracts/transcript.ts';
import type { TimedText } from './against/speech-job.ts';

/** The words of a transcription in order, without the spaces before them. */
export function wordsOf({ segments }: Pick<Transcription, 'segments'>): TimedText[] {
  return segments.flatMap(({ words }) =>
    words.map(({ text, startSeconds, endSeconds }) => ({ text: text.trim(), startSeconds, endSeconds })),
  );
}
