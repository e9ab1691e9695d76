import type { VoiceSlot } from './analysis.ts';

/** Mean similarity of two groups of slots above which they are one person, where unlike voices have none on average. */
const SAME_VOICE = 0.4;
/** A telephone or a room makes all voices more alike: so much of it is added, up to a bound that no one's own slots miss. */
const BACKGROUND_SHARE = 0.6;
const MAX_SAME_VOICE = 0.6;
/** Fewer slots tell nothing about the background; this is the usual one. */
const MIN_BACKGROUND_SLOTS = 30;
const USUAL_BACKGROUND = 0.1;
/** Slots compared with each other for the background, evenly spread. */
const MAX_BACKGROUND_SLOTS = 300;
/** Windows so far apart share no audio. */
const WINDOWS_APART = 5;

/** Cosine similarity of unit-length vectors. */
export function similarity(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) sum += (a[axis] ?? 0) * (b[axis] ?? 0);
  return sum;
}

/** Mean direction, each slot weighing as much as it has clean speech. */
export function centroidOf(slots: readonly VoiceSlot[]): Float32Array {
  const sum = new Float32Array(slots[0]?.embedding.length ?? 0);
  for (const { embedding, cleanSeconds } of slots) {
    const weight = Math.max(cleanSeconds, 0.1);
    for (let axis = 0; axis < sum.length; axis++) sum[axis] = (sum[axis] ?? 0) + weight * (embedding[axis] ?? 0);
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}

/** Index of the most alike of `centroids`, and how alike; -1 without any. */
export function nearestCentroid(embedding: Float32Array, centroids: readonly Float32Array[]): { speaker: number; similarity: number } {
  let best = { speaker: -1, similarity: -Infinity };
  for (const [speaker, centroid] of centroids.entries()) {
    const value = similarity(embedding, centroid);
    if (value > best.similarity) best = { speaker, similarity: value };
  }
  return best;
}

/**
 * How alike two groups of slots must be in this recording to be one person (docs/decisions/0008). The background is the lower
 * quartile of the similarities of slots that lie apart: among them are different people wherever there are some.
 */
export function sameVoiceSimilarity(slots: readonly VoiceSlot[]): number {
  const background = slots.length < MIN_BACKGROUND_SLOTS ? USUAL_BACKGROUND : lowerQuartile(similaritiesApart(slots));
  return Math.min(MAX_SAME_VOICE, SAME_VOICE + BACKGROUND_SHARE * Math.max(0, background));
}

function similaritiesApart(slots: readonly VoiceSlot[]): number[] {
  const step = Math.max(1, Math.floor(slots.length / MAX_BACKGROUND_SLOTS));
  const compared = slots.filter((_, index) => index % step === 0);
  return compared.flatMap((a, index) =>
    compared
      .slice(index + 1)
      .filter((b) => Math.abs(a.window - b.window) >= WINDOWS_APART)
      .map((b) => similarity(a.embedding, b.embedding)),
  );
}

function lowerQuartile(values: readonly number[]): number {
  return Float64Array.from(values).toSorted()[Math.floor(values.length / 4)] ?? USUAL_BACKGROUND;
}
