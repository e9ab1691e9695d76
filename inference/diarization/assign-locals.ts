import { munkres } from 'munkres';
import type { VoiceSlot } from './analysis.ts';
import { nearestCentroid, similarity } from './voice-similarity.ts';

/** A voice less alike than this to all speakers is somebody who has none: better nobody than a wrong name. */
const STRANGER_SIMILARITY = 0.3;

/**
 * The speaker of each local speaker of one window, so that the summed similarity is largest and no two local speakers are the
 * same person (they spoke at once or were told apart by ear). When a window has more voices than the recording has speakers,
 * the rest go to the nearest speaker with `certain: false`. A voice like none of them has no speaker and is left out, unless
 * nobody else is there to speak (`isComplete`).
 */
export function assignLocals(
  all: readonly VoiceSlot[],
  centroids: readonly Float32Array[],
  isComplete: boolean,
): { localSpeaker: number; speaker: number; certain: boolean }[] {
  const isKnown = (slot: VoiceSlot): boolean => nearestCentroid(slot.embedding, centroids).similarity >= STRANGER_SIMILARITY;
  const slots = isComplete ? all : all.filter(isKnown);
  if (slots.length === 0 || centroids.length === 0) return [];
  const scores = slots.map((slot) => centroids.map((centroid) => similarity(slot.embedding, centroid)));
  const taken = new Map(munkres(scores.map((row) => row.map((score) => -score))));
  return slots.map(({ localSpeaker }, index) => {
    const speaker = taken.get(index);
    if (speaker !== undefined) return { localSpeaker, speaker, certain: true };
    const row = scores[index] ?? [];
    return { localSpeaker, speaker: row.indexOf(Math.max(...row)), certain: false };
  });
}
