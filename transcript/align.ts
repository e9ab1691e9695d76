import type { Diarization, SpeakerTurn, TranscribedWord, Transcript, Transcription } from '../contracts/transcript.ts';
import { assignRoles } from './roles.ts';
import { smoothSentences, type PlacedWord } from './smooth-sentences.ts';
import { spokenEnd } from './spoken-end.ts';
import { toTurns } from './turns.ts';

/** A word further than this from every turn has no speaker: unknown rather than wrong. */
const MAX_EDGE_SECONDS = 0.5;

/**
 * Gives every word its speaker and groups the words into turns. A word goes to the speaker whose exclusive turns overlap it
 * most in all, else to the turn with the nearest edge within half a second, else to nobody; then sentences are smoothed, and the
 * speakers' roles read from who says how much. Without a diarization all words are of unknown speakers.
 */
export function alignSpeakers(transcription: Transcription, diarization: Diarization | null): Transcript {
  const words = transcription.segments
    .flatMap((segment) => segment.words)
    .toSorted((a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds);
  const spoken = assignSpeakers(words, diarization?.exclusiveTurns ?? []);
  const turns = toTurns(smoothSentences(spoken));
  return {
    language: transcription.language,
    durationSeconds: transcription.durationSeconds,
    speakers: diarization?.speakers ?? [],
    roles: assignRoles(turns),
    turns,
  };
}

/** `words` by start; `turns` by start and not overlapping. */
function assignSpeakers(words: readonly TranscribedWord[], turns: readonly SpeakerTurn[]): PlacedWord[] {
  let first = 0;
  return words.map((word) => {
    const end = spokenEnd(word);
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
    if (speaker !== null) return { ...word, speaker, speakerSource: 'overlap', overlapSeconds: seconds.get(speaker) ?? 0 };
    return { ...word, speaker: nearest, speakerSource: nearest === null ? 'unknown' : 'nearest', overlapSeconds: 0 };
  });
}

/** The speaker with most seconds; of equals the one met first. */
function longest(seconds: ReadonlyMap<string, number>): string | null {
  let best: string | null = null;
  for (const [speaker, value] of seconds) {
    if (best === null || value > (seconds.get(best) ?? 0)) best = speaker;
  }
  return best;
}
