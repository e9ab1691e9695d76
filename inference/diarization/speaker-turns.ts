import type { Diarization, SpeakerTurn } from '../../contracts/transcript.ts';
import { QUIET, type SpeakerFrames } from './frame-votes.ts';
import { FRAME_SAMPLES, frameSeconds } from './windows.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';

/** A pause of one speaker in which nobody else speaks belongs to the turn. */
const MAX_PAUSE_SECONDS = 1.5;
/** The model hears a turn late and lets it go early. */
const PAD_SECONDS = 0.15;

interface FrameTurn {
  speaker: number;
  /** Frames, `end` exclusive. */
  start: number;
  end: number;
}

/** Frames as turns: pauses closed, edges padded, speakers labelled S1, S2, ... by first appearance. */
export function toDiarization(votes: SpeakerFrames, durationSeconds: number): Diarization {
  const { frames, speakers, active, main } = votes;
  const isQuiet = (frame: number): boolean => main[frame] === QUIET;
  const all: FrameTurn[] = [];
  const exclusive: FrameTurn[] = [];
  for (let speaker = 0; speaker < speakers; speaker++) {
    all.push(...findTurns(speaker, frames, (frame) => active[frame * speakers + speaker] === 1, isQuiet));
    exclusive.push(...findTurns(speaker, frames, (frame) => main[frame] === speaker, isQuiet));
  }
  const labels = labelByAppearance(all);
  const turns = padTurns(all, labels, durationSeconds);
  return { speakers: [...labels.values()], turns, exclusiveTurns: separate(padTurns(exclusive, labels, durationSeconds)) };
}

function findTurns(speaker: number, frames: number, speaks: (frame: number) => boolean, isQuiet: (frame: number) => boolean): FrameTurn[] {
  const maxPause = Math.floor((MAX_PAUSE_SECONDS * SAMPLE_RATE) / FRAME_SAMPLES);
  const turns: FrameTurn[] = [];
  let last: FrameTurn | undefined;
  // Whether nobody has spoken since `last` ended.
  let alone = true;
  for (let frame = 0; frame < frames; frame++) {
    if (!speaks(frame)) {
      alone &&= isQuiet(frame);
      continue;
    }
    if (last !== undefined && (last.end === frame || (alone && frame - last.end < maxPause))) {
      last.end = frame + 1;
    } else {
      last = { speaker, start: frame, end: frame + 1 };
      turns.push(last);
    }
    alone = true;
  }
  return turns;
}

function labelByAppearance(turns: readonly FrameTurn[]): Map<number, string> {
  const labels = new Map<number, string>();
  for (const { speaker } of turns.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (!labels.has(speaker)) labels.set(speaker, `S${labels.size + 1}`);
  }
  return labels;
}

function padTurns(turns: readonly FrameTurn[], labels: ReadonlyMap<number, string>, durationSeconds: number): SpeakerTurn[] {
  return turns
    .map(({ speaker, start, end }) => ({
      speaker: labels.get(speaker) ?? '',
      startSeconds: roundTime(Math.min(durationSeconds, Math.max(0, frameSeconds(start) - PAD_SECONDS))),
      endSeconds: roundTime(Math.min(durationSeconds, frameSeconds(end) + PAD_SECONDS)),
    }))
    .filter((turn) => turn.endSeconds > turn.startSeconds)
    .sort((a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds);
}

/** Padding may have made neighbours touch: the boundary is then half-way. */
function separate(turns: readonly SpeakerTurn[]): SpeakerTurn[] {
  const separated: SpeakerTurn[] = [];
  for (const turn of turns) {
    const before = separated.at(-1);
    const own = { ...turn };
    if (before !== undefined && before.endSeconds > own.startSeconds) {
      const boundary = roundTime((before.endSeconds + own.startSeconds) / 2);
      before.endSeconds = Math.max(before.startSeconds, boundary);
      own.startSeconds = Math.min(own.endSeconds, boundary);
    }
    separated.push(own);
  }
  return separated.filter((turn) => turn.endSeconds > turn.startSeconds);
}

function roundTime(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
