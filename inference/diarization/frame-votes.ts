import type { VoiceSlot } from './analysis.ts';
import { assignLocals } from './assign-locals.ts';
import { countActive, isActive } from './powerset.ts';
import { WINDOW_FRAMES, windowFrame } from './windows.ts';

/** A window's sure local speaker; one without a speaker of its own says half as much. */
const CERTAIN_VOTE = 2;
const DOUBTFUL_VOTE = 1;

/** In `main`: nobody speaks; somebody who is none of the speakers does. */
export const QUIET = -1;
const STRANGER = -2;

/** Who is active in each frame of the recording. */
export interface SpeakerFrames {
  frames: number;
  speakers: number;
  /** [frames, speakers], 1 where active; as many at once as the windows heard on average. */
  active: Uint8Array;
  /** [frames], the one speaker that counts when only one may, or `QUIET` or `STRANGER`. */
  main: Int16Array;
}

/**
 * Joins the windows' local speakers into speakers of the recording: every window votes on each of its frames, the number of
 * speakers in a frame is the windows' mean (half to even), and so many with most votes are active. `isComplete`: nobody but
 * these can have spoken, because the user said how many there are.
 */
export function voteFrames(
  activity: Uint8Array,
  slots: readonly VoiceSlot[],
  centroids: readonly Float32Array[],
  isComplete = false,
): SpeakerFrames {
  const windows = activity.length / WINDOW_FRAMES;
  const frames = windows === 0 ? 0 : windowFrame(windows - 1) + WINDOW_FRAMES;
  const speakers = centroids.length;
  const votes = new Uint8Array(frames * speakers);
  const heard = new Uint8Array(frames);
  const seen = new Uint8Array(frames);
  const byWindow = Map.groupBy(slots, (slot) => slot.window);
  for (let window = 0; window < windows; window++) {
    const bits = activity.subarray(window * WINDOW_FRAMES, (window + 1) * WINDOW_FRAMES);
    const start = windowFrame(window);
    const assigned = assignLocals(byWindow.get(window) ?? [], centroids, isComplete);
    for (let frame = 0; frame < WINDOW_FRAMES; frame++) {
      const at = start + frame;
      const code = bits[frame] ?? 0;
      seen[at] = (seen[at] ?? 0) + 1;
      heard[at] = (heard[at] ?? 0) + countActive(code);
      for (const { localSpeaker, speaker, certain } of assigned) {
        if (!isActive(code, localSpeaker)) continue;
        const index = at * speakers + speaker;
        votes[index] = (votes[index] ?? 0) + (certain ? CERTAIN_VOTE : DOUBTFUL_VOTE);
      }
    }
  }
  return electSpeakers(votes, heard, seen, speakers);
}

function electSpeakers(votes: Uint8Array, heard: Uint8Array, seen: Uint8Array, speakers: number): SpeakerFrames {
  const frames = heard.length;
  const active = new Uint8Array(frames * speakers);
  const main = new Int16Array(frames).fill(QUIET);
  for (let frame = 0; frame < frames; frame++) {
    const wanted = Math.min(speakers, roundHalfToEven((heard[frame] ?? 0) / Math.max(1, seen[frame] ?? 0)));
    if (wanted > 0) main[frame] = STRANGER;
    const own = votes.subarray(frame * speakers, (frame + 1) * speakers);
    for (let rank = 0; rank < wanted; rank++) {
      const speaker = strongest(own);
      if (speaker < 0) break;
      if (rank === 0) main[frame] = speaker;
      active[frame * speakers + speaker] = 1;
      own[speaker] = 0;
    }
  }
  return { frames, speakers, active, main };
}

function strongest(votes: Uint8Array): number {
  let best = -1;
  let bestVotes = 0;
  for (let speaker = 0; speaker < votes.length; speaker++) {
    if ((votes[speaker] ?? 0) > bestVotes) {
      best = speaker;
      bestVotes = votes[speaker] ?? 0;
    }
  }
  return best;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
