import type { SpeakerTurn } from '../contracts/transcript.ts';

/**
 * Which speaker of one diarization of a recording is which of another: each is the one that the other talks most at the same time
 * as, both ways, and shares half of the time that it speaks. Who is nobody's counterpart is left out.
 */
export function matchSpeakers(before: readonly SpeakerTurn[], after: readonly SpeakerTurn[]): Map<string, string> {
  const shared = new Map<string, Map<string, number>>();
  for (const was of before) {
    const row = shared.get(was.speaker) ?? new Map<string, number>();
    shared.set(was.speaker, row);
    for (const is of after) {
      const seconds = Math.min(was.endSeconds, is.endSeconds) - Math.max(was.startSeconds, is.startSeconds);
      if (seconds > 0) row.set(is.speaker, (row.get(is.speaker) ?? 0) + seconds);
    }
  }
  const matches = new Map<string, string>();
  for (const [speaker, row] of shared) {
    const [counterpart, seconds] = largest(row) ?? [];
    if (counterpart === undefined || seconds === undefined) continue;
    const column = new Map([...shared].map(([other, own]): [string, number] => [other, own.get(counterpart) ?? 0]));
    const spoken = before.reduce((sum, turn) => sum + (turn.speaker === speaker ? turn.endSeconds - turn.startSeconds : 0), 0);
    if (largest(column)?.[0] === speaker && seconds >= spoken / 2) matches.set(speaker, counterpart);
  }
  return matches;
}

function largest(seconds: ReadonlyMap<string, number>): [speaker: string, seconds: number] | undefined {
  let best: [string, number] | undefined;
  for (const entry of seconds) if (best === undefined || entry[1] > best[1]) best = entry;
  return best;
}
