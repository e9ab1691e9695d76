import { munkres } from 'munkres';
import type { VoiceSlot } from './analysis.ts';
import { similarity } from './speaker-clusters.ts';

/**
 * The speaker of each local speaker of one window, so that the summed similarity is largest and no two local speakers are the
 * same person (they spoke at once or were told apart by ear). When a window has more voices than the recording has speakers,
 * the rest go to the nearest speaker with `certain: false`.
 */
export function assignLocals(
  slots: readonly VoiceSlot[],
  centroids: readonly Float32Array[],
): { localSpeaker: number; speaker: number; certain: boolean }[] {
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
