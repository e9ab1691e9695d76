import type { Span } from '../../../contracts/transcript.ts';
import { countWordErrors, toScoredWords, type WordErrors } from '../../metrics/word-error-rate.ts';
import type { TimedText } from '../against/speech-job.ts';
import type { Part } from './plan-recording.ts';

/** A recording's place in the long one. */
export interface Placement extends Span {
  file: string;
}

const SAMPLE_RATE = 16_000;
/** Times are not exact: a word this near to speech is the speech's. Half of the shortest gap. */
const MARGIN_SECONDS = 0.5;

export function placementsOf(parts: readonly Part[]): Placement[] {
  return parts.flatMap(({ kind, source, startSample, samples }) =>
    kind === 'gap' || source === null
      ? []
      : [{ file: source, startSeconds: startSample / SAMPLE_RATE, endSeconds: (startSample + samples) / SAMPLE_RATE }],
  );
}

/** The words whose middle lies in each placement, and those in none, which nobody said. All ascend. */
export function assignWords(placements: readonly Placement[], words: readonly TimedText[]): { within: TimedText[][]; inGaps: TimedText[] } {
  const within = placements.map((): TimedText[] => []);
  const inGaps: TimedText[] = [];
  let current = 0;
  for (const word of words) {
    const middle = (word.startSeconds + word.endSeconds) / 2;
    while (current < placements.length - 1 && middle > placements[current]!.endSeconds + MARGIN_SECONDS) current++;
    const place = placements[current];
    const inside = place !== undefined && middle >= place.startSeconds - MARGIN_SECONDS && middle <= place.endSeconds + MARGIN_SECONDS;
    if (inside) within[current]?.push(word);
    else inGaps.push(word);
  }
  return { within, inGaps };
}

export function countPlacedErrors(text: string, words: readonly TimedText[], language: string): WordErrors {
  return countWordErrors(text, words.map((word) => word.text).join(' '), language);
}

export function countScored(words: readonly TimedText[], language: string): number {
  return toScoredWords(words.map(({ text }) => text).join(' '), language).length;
}

/** An estimate of who is heard: the speakers of an RTTM, else the first part of the file's name, a reader's number in LibriSpeech. */
export function voiceOf(name: string): string {
  return (name.split('/').at(-1)?.split(/[-_.]/)[0] ?? name).replace(/^spk/, '');
}
