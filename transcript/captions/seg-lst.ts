import { joinWords } from '../../contracts/join-words.ts';
import type { Transcript } from '../../contracts/transcript.ts';

/** A segment as the CHiME challenges write them, and as meeteval reads them. Times are seconds. */
interface Segment {
  session_id: string;
  speaker: string;
  start_time: number;
  end_time: number;
  words: string;
}

/** Scoring tools want a speaker for each word, so nobody known is one, too. */
const UNKNOWN = 'unknown';

/** Segment-wise long-form speech transcription (SegLST): a JSON list of turns with their words, for scoring tools. */
export function toSegLst(transcript: Transcript, recordingId: string): string {
  const segments = transcript.turns.map(({ speaker, startSeconds, endSeconds, words }): Segment => ({
    session_id: recordingId,
    speaker: speaker ?? UNKNOWN,
    start_time: toMilliseconds(startSeconds),
    end_time: toMilliseconds(endSeconds),
    words: joinWords(words.map(({ text }) => text)),
  }));
  return `${JSON.stringify(segments, null, 2)}\n`;
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
