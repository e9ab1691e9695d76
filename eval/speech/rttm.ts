import type { Span, SpeakerTurn } from '../../contracts/transcript.ts';

/** Turns of a NIST RTTM file: `SPEAKER file channel start duration <NA> <NA> name ...`. */
export function parseRttm(text: string): SpeakerTurn[] {
  return fieldsOf(text)
    .filter(([type]) => type === 'SPEAKER')
    .map((fields) => {
      const startSeconds = Number(fields[3]);
      return { startSeconds, endSeconds: startSeconds + Number(fields[4]), speaker: fields[7] ?? '' };
    });
}

/** Stretches of a UEM file that were labelled and are to be scored: `file channel start end`. */
export function parseUem(text: string): Span[] {
  return fieldsOf(text).map((fields) => ({ startSeconds: Number(fields[2]), endSeconds: Number(fields[3]) }));
}

function fieldsOf(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith(';;'))
    .map((line) => line.split(/\s+/));
}
