import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { Span } from '../../contracts/transcript.ts';

/*
 * What is said in a recording of the fault tests is written in its sound: a tone's pitch makes the words. So everybody who knows the
 * pitch knows each word that a transcript, a passage or a citation of it may hold.
 */

export const SENTENCE_SECONDS = 10;
const SAID = ['explains', 'how', 'a', 'code', 'with', 'a', 'checksum', 'finds', 'every', 'single'];

/** Pitch in Hz of a tone of whole hertz, by its changes of sign in one second. */
export function hearPitch(second: Float32Array): number {
  let changes = 0;
  let before = 1;
  for (const sample of second) {
    const sign = sample === 0 ? before : Math.sign(sample);
    if (sign !== before) changes += 1;
    before = sign;
  }
  return Math.ceil(changes / 2);
}

/** A word of its own for each pitch. */
export function pitchWord(hertz: number): string {
  return `tone${String(hertz).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!)}`;
}

export interface Sentence extends Span {
  words: string[];
}

/** A pitch at which the transcriber runs out of memory, however often it is asked. */
export const TOO_HIGH_HERTZ = 2_000;

/** What a recording of this pitch says in `piece`: a sentence every ten seconds, each unlike all others. */
export function sentencesIn(hertz: number, piece: Span): Sentence[] {
  const sentences: Sentence[] = [];
  const first = Math.ceil(piece.startSeconds / SENTENCE_SECONDS);
  for (let number = first; number * SENTENCE_SECONDS < piece.endSeconds; number += 1) {
    const startSeconds = number * SENTENCE_SECONDS;
    const endSeconds = Math.min(startSeconds + SENTENCE_SECONDS, piece.endSeconds);
    sentences.push({ startSeconds, endSeconds, words: [capital(pitchWord(hertz)), ...SAID, `error${number}.`] });
  }
  return sentences;
}

/** All that a recording says, in its order. */
export function wordsOf(hertz: number, seconds: number): string[] {
  return sentencesIn(hertz, { startSeconds: 0, endSeconds: seconds }).flatMap(({ words }) => words);
}

/** Words of each sentence. */
export const SENTENCE_WORDS = SAID.length + 2;

/** Where its words lie in a recording's first second. */
export const PITCH_SAMPLES = SAMPLE_RATE;

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
