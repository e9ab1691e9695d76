import { munkres } from 'munkres';
import type { Span } from '../../contracts/transcript.ts';
import type { SpokenWord } from './word-diarization-error.ts';
import { toScoredWords } from './word-error-rate.ts';

/** A word with its speaker and its time. */
export interface TimedWord extends SpokenWord, Span {}

export interface SpeakerWordErrors {
  /** Substitutions, deletions and insertions. */
  wrong: number;
  /** Words of the reference. */
  reference: number;
}

interface Token extends Span {
  text: string;
}

/**
 * Errors of the concatenated minimum-permutation word error rate (cpWER, Watanabe et al. 2020): the words of each speaker as one
 * text, speakers matched one to one so that fewest words are wrong. Words of nobody are one more speaker. Both lists in order of time.
 */
export function countSpeakerWordErrors(
  reference: readonly SpokenWord[],
  hypothesis: readonly SpokenWord[],
  language: string,
): SpeakerWordErrors {
  const streams = (words: readonly SpokenWord[]): Token[][] =>
    bySpeaker(words).map((own) =>
      // A whole text, so that one speaker alone gets the word error rate: numbers run over several words.
      toScoredWords(own.map((word) => word.text.trim()).join(' '), language).map((text) => ({ text, startSeconds: 0, endSeconds: 0 })),
    );
  return countStreamErrors(streams(reference), streams(hypothesis), () => true);
}

/**
 * The same where only words may be held against each other that are said within `collarSeconds` of each other (tcpWER, von Neumann
 * et al. 2023, MeetEval): a right word at the wrong time is wrong twice. Words are normalised one by one.
 */
export function countTimedSpeakerWordErrors(
  reference: readonly TimedWord[],
  hypothesis: readonly TimedWord[],
  language: string,
  collarSeconds: number,
): SpeakerWordErrors {
  const streams = (words: readonly TimedWord[]): Token[][] =>
    bySpeaker(words).map((own) =>
      own
        .toSorted((a, b) => a.startSeconds - b.startSeconds)
        .flatMap(({ text, startSeconds, endSeconds }) =>
          toScoredWords(text, language).map((token) => ({ text: token, startSeconds, endSeconds })),
        ),
    );
  return countStreamErrors(
    streams(reference),
    streams(hypothesis),
    (said, heard) => said.startSeconds < heard.endSeconds + collarSeconds && heard.startSeconds - collarSeconds < said.endSeconds,
  );
}

/** Errors over reference words, all recordings pooled; `null` where the references hold no word. */
export function speakerWordErrorRate(errors: readonly SpeakerWordErrors[]): number | null {
  const reference = errors.reduce((sum, one) => sum + one.reference, 0);
  return reference === 0 ? null : errors.reduce((sum, one) => sum + one.wrong, 0) / reference;
}

function bySpeaker<Word extends SpokenWord>(words: readonly Word[]): Word[][] {
  return [...Map.groupBy(words, (word) => word.speaker).values()];
}

function countStreamErrors(
  reference: readonly Token[][],
  hypothesis: readonly Token[][],
  mayPair: (said: Token, heard: Token) => boolean,
): SpeakerWordErrors {
  const count = Math.max(reference.length, hypothesis.length);
  const words = reference.reduce((sum, stream) => sum + stream.length, 0);
  if (count === 0) return { wrong: 0, reference: words };
  // Whoever is matched with nobody is matched with an empty stream: all deleted, or all inserted.
  const distances = Array.from({ length: count }, (_, a) =>
    Array.from({ length: count }, (__, b) => editDistance(reference[a] ?? [], hypothesis[b] ?? [], mayPair)),
  );
  const wrong = munkres(distances).reduce((sum, [a, b]) => sum + (distances[a]?.[b] ?? 0), 0);
  return { wrong, reference: words };
}

function editDistance(reference: readonly Token[], hypothesis: readonly Token[], mayPair: (said: Token, heard: Token) => boolean): number {
  let above = Array.from({ length: hypothesis.length + 1 }, (_, index) => index);
  for (const [row, said] of reference.entries()) {
    const costs = [row + 1];
    for (const [column, heard] of hypothesis.entries()) {
      const moved = Math.min((above[column + 1] ?? 0) + 1, (costs[column] ?? 0) + 1);
      const paired = (above[column] ?? 0) + (said.text === heard.text ? 0 : 1);
      costs.push(paired < moved && mayPair(said, heard) ? paired : moved);
    }
    above = costs;
  }
  return above.at(-1) ?? 0;
}
