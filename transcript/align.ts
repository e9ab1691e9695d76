import type { Diarization, SpeakerTurn, TranscribedWord, Transcript, Transcription, Word } from '../contracts/transcript.ts';
import { smoothSentences } from './smooth-sentences.ts';
import { toTurns } from './turns.ts';

/** A word further than this from every turn has no speaker: unknown rather than wrong. */
const MAX_EDGE_SECONDS = 0.5;
/** Recognizers stretch a word over the pause beside it: what is longer than anyone takes to say it does not count. */
const MAX_WORD_SECONDS = 1.2;
const MAX_SECONDS_PER_CHARACTER = 0.15;

/**
 * Gives every word its speaker and groups the words into turns. A word goes to the speaker whose exclusive turns overlap it
 * most in all, else to the turn with the nearest edge within half a second, else to nobody; then sentences are smoothed.
 * Without a diarization all words are of unknown speakers.
 */
export function alignSpeakers(transcription: Transcription, diarization: Diarization | null): Transcript {
  const words = transcription.segments
    .flatMap((segment) => segment.words)
    .toSorted((a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds);
  const spoken = assignSpeakers(words, diarization?.exclusiveTurns ?? []);
  return {
    language: transcription.language,
    durationSeconds: transcription.durationSeconds,
    speakers: diarization?.speakers ?? [],
    turns: toTurns(smoothSentences(spoken)),
  };
}

/** `words` by start; `turns` by start and not overlapping. */
function assignSpeakers(words: readonly TranscribedWord[], turns: readonly SpeakerTurn[]): Word[] {
  let first = 0;
  return words.map((word) => {
    const end = cappedEnd(word);
    // Words come by start: what ended too early to be near this one is too early for all that follow.
    while ((turns[first]?.endSeconds ?? Infinity) < word.startSeconds - MAX_EDGE_SECONDS) first++;
    const seconds = new Map<string, number>();
    let nearest: string | null = null;
    let nearestDistance = MAX_EDGE_SECONDS;
    for (let index = first; index < turns.length; index++) {
      const turn = turns[index];
      if (turn === undefined || turn.startSeconds > end + MAX_EDGE_SECONDS) break;
      const overlap = Math.min(end, turn.endSeconds) - Math.max(word.startSeconds, turn.startSeconds);
      if (overlap > 0) seconds.set(turn.speaker, (seconds.get(turn.speaker) ?? 0) + overlap);
      // A negative overlap is the distance of the edges. A word without length inside a turn has distance 0.
      else if (-overlap <= nearestDistance && (nearest === null || -overlap < nearestDistance)) {
        nearest = turn.speaker;
        nearestDistance = -overlap;
      }
    }
    const speaker = longest(seconds);
    if (speaker !== null) return { ...word, speaker, speakerSource: 'overlap' };
    return nearest === null
      ? { ...word, speaker: null, speakerSource: 'unknown' }
      : { ...word, speaker: nearest, speakerSource: 'nearest' };
  });
}

function cappedEnd(word: TranscribedWord): number {
  const longestSeconds = Math.max(MAX_WORD_SECONDS, word.text.length * MAX_SECONDS_PER_CHARACTER);
  return Math.max(word.startSeconds, Math.min(word.endSeconds, word.startSeconds + longestSeconds));
}

/** The speaker with most seconds; of equals the one met first. */
function longest(seconds: ReadonlyMap<string, number>): string | null {
  let best: string | null = null;
  for (const [speaker, value] of seconds) {
    if (best === null || value > (seconds.get(best) ?? 0)) best = speaker;
  }
  return best;
}
