import type { SpeakerCount } from '../../contracts/lecture.ts';
import type { VoiceSlot } from './analysis.ts';
import { centroidLinkage, labelsAfter, type Merge } from './centroid-linkage.ts';

/** Distance of unit-length centroids at which voices are different people; tuned for CAM++ (docs/decisions/0004). */
const MAX_DISTANCE = 0.9;
/** A slot with less clean speech founds no cluster. */
const MIN_CLEAN_SECONDS = 0.4;
/**
 * Clean seconds, summed over the slots of overlapping windows, that make a cluster a speaker: the more speech there is, the
 * more fragments it has that are nobody.
 */
const MIN_SPEAKER = { seconds: 0.5, share: 0.0005, atMostSeconds: 10 };
/** More slots than this are thinned out evenly before clustering: 3 hours then cluster as fast as half an hour. */
const MAX_CLUSTERED = 2000;
const REFINEMENTS = 2;
const MAX_SPEAKERS = 40;

interface Cut {
  labels: Int32Array;
  /** Labels of the clusters that are speakers, the one with most speech first. */
  speakers: number[];
}

/**
 * Finds the voices of a recording: one unit-length centroid a speaker, in no particular order. None without slots.
 * Centroid linkage on the slots with clean speech, small clusters dropped, then centroids refined by the slots nearest to them.
 */
export function findSpeakers(slots: readonly VoiceSlot[], wanted: SpeakerCount = {}): Float32Array[] {
  const clustered = chooseClustered(slots);
  if (clustered.length === 0) return [];
  const history = centroidLinkage(clustered.map((slot) => slot.embedding));
  const { labels, speakers } = chooseCut(clustered, history, wanted);
  let centroids = speakers.map((label) => centroidOf(clustered.filter((_, index) => labels[index] === label)));
  for (let round = 0; round < REFINEMENTS; round++) {
    const assigned = clustered.map((slot) => nearestCentroid(slot.embedding, centroids));
    centroids = centroids.map((centroid, speaker) => {
      const own = clustered.filter((_, index) => assigned[index] === speaker);
      return own.length === 0 ? centroid : centroidOf(own);
    });
  }
  return centroids;
}

/** Cosine similarity of unit-length vectors. */
export function similarity(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) sum += (a[axis] ?? 0) * (b[axis] ?? 0);
  return sum;
}

function chooseClustered(slots: readonly VoiceSlot[]): VoiceSlot[] {
  let chosen = slots.filter((slot) => slot.cleanSeconds >= MIN_CLEAN_SECONDS);
  // A recording of one exclamation: its best slots are all there is.
  if (chosen.length === 0) chosen = [...slots];
  if (chosen.length <= MAX_CLUSTERED) return chosen;
  return Array.from({ length: MAX_CLUSTERED }, (_, index) => chosen[Math.floor((index * chosen.length) / MAX_CLUSTERED)]).filter(
    (slot) => slot !== undefined,
  );
}

function chooseCut(clustered: readonly VoiceSlot[], history: readonly Merge[], wanted: SpeakerCount): Cut {
  const least = wanted.exact ?? wanted.min ?? 1;
  const most = wanted.exact ?? wanted.max ?? MAX_SPEAKERS;
  // Centroid distances are not monotone: a cut is a number of merges, all those before the first that is too far.
  const tooFar = history.findIndex((merge) => merge.distance > MAX_DISTANCE);
  let merges = tooFar < 0 ? history.length : tooFar;
  let cut = cutAfter(clustered, history, merges, minSpeakerSeconds(clustered));
  while (cut.speakers.length < least && merges > 0) cut = cutAfter(clustered, history, --merges, minSpeakerSeconds(clustered));
  if (cut.speakers.length < least) {
    // So many are wanted that some have next to no speech.
    merges = Math.max(0, clustered.length - least);
    cut = cutAfter(clustered, history, merges, 0);
  }
  while (cut.speakers.length > most && merges < history.length) {
    cut = cutAfter(clustered, history, ++merges, minSpeakerSeconds(clustered));
  }
  return { labels: cut.labels, speakers: cut.speakers.slice(0, most) };
}

function minSpeakerSeconds(clustered: readonly VoiceSlot[]): number {
  const total = clustered.reduce((sum, slot) => sum + slot.cleanSeconds, 0);
  return Math.min(MIN_SPEAKER.atMostSeconds, MIN_SPEAKER.seconds + MIN_SPEAKER.share * total);
}

function cutAfter(clustered: readonly VoiceSlot[], history: readonly Merge[], merges: number, minSeconds: number): Cut {
  const labels = labelsAfter(clustered.length, history, merges);
  const seconds: number[] = [];
  for (const [index, slot] of clustered.entries()) {
    const label = labels[index] ?? 0;
    seconds[label] = (seconds[label] ?? 0) + slot.cleanSeconds;
  }
  const byLength = [...seconds.keys()].sort((a, b) => (seconds[b] ?? 0) - (seconds[a] ?? 0));
  const speakers = byLength.filter((label) => (seconds[label] ?? 0) >= minSeconds);
  return { labels, speakers: speakers.length > 0 ? speakers : byLength.slice(0, 1) };
}

/** Mean direction, each slot weighing as much as it has clean speech. */
function centroidOf(slots: readonly VoiceSlot[]): Float32Array {
  const sum = new Float32Array(slots[0]?.embedding.length ?? 0);
  for (const { embedding, cleanSeconds } of slots) {
    const weight = Math.max(cleanSeconds, 0.1);
    for (let axis = 0; axis < sum.length; axis++) sum[axis] = (sum[axis] ?? 0) + weight * (embedding[axis] ?? 0);
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}

function nearestCentroid(embedding: Float32Array, centroids: readonly Float32Array[]): number {
  let best = 0;
  let bestSimilarity = -Infinity;
  for (const [speaker, centroid] of centroids.entries()) {
    const value = similarity(embedding, centroid);
    if (value > bestSimilarity) {
      best = speaker;
      bestSimilarity = value;
    }
  }
  return best;
}
