import type { SpeakerCount } from '../../contracts/lecture.ts';
import type { VoiceSlot } from './analysis.ts';
import { averageLinkage, labelsAfter, type Merge } from './average-linkage.ts';
import { centroidOf, nearestCentroid, sameVoiceSimilarity } from './voice-similarity.ts';

/** Clean speech of a slot that may found a speaker. Shorter ones only join, or are heard in the second pass. */
const FOUNDING_SECONDS = 1;
/** A slot with less clean speech founds nobody in any pass. */
const MIN_CLEAN_SECONDS = 0.4;
/** A slot of the second pass is a voice not heard yet when it is less alike than this to all speakers of the first. */
const UNHEARD_SIMILARITY = 0.35;
/**
 * Clean seconds, summed over the slots of overlapping windows, that make a cluster a speaker: the more speech there is, the
 * more fragments it has that are nobody. A second that is said alone counts in five windows.
 */
const MIN_SPEAKER = { seconds: 0.5, share: 0.0005, atMostSeconds: 5 };
/** More slots than this are thinned out evenly before clustering: 3 hours cluster in a third of a second, as right as with all. */
const MAX_CLUSTERED = 1000;
const REFINEMENTS = 2;
const MAX_SPEAKERS = 40;

/** Slots to be clustered, and in which order they merge. */
interface Linkage {
  slots: readonly VoiceSlot[];
  history: readonly Merge[];
  /** How many slots each stands for. */
  weight: number;
}

/**
 * Finds the voices of a recording: one unit-length centroid a speaker, in no particular order. None without slots. Average
 * linkage on the slots with a second of clean speech, small clusters dropped, centroids refined by the slots nearest to them;
 * then the same on the slots that took no part and are like nobody found: people who say next to nothing.
 */
export function findSpeakers(slots: readonly VoiceSlot[], wanted: SpeakerCount = {}): Float32Array[] {
  const least = wanted.exact ?? wanted.min ?? 1;
  const most = wanted.exact ?? wanted.max ?? MAX_SPEAKERS;
  const founding = chooseFounding(slots, least);
  if (founding.length === 0) return [];
  const sameVoice = sameVoiceSimilarity(founding);
  const minSeconds = minSpeakerSeconds(founding);
  const linkage = link(founding);
  const merges = mergesTo(linkage, sameVoice);
  const regulars = refine(atLeast(linkage, merges, 1, minSeconds), linkage.slots);
  const unheard = chooseUnheard(slots, linkage.slots, regulars);
  const rest = link(unheard);
  const rare = speakersAfter(rest, mergesTo(rest, sameVoice), minSeconds).map(centroidOf);

  if (regulars.length + rare.length < least) {
    return [...refine(atLeast(linkage, merges, least - rare.length, minSeconds), linkage.slots), ...rare];
  }
  if (regulars.length > most) return refine(atMost(linkage, merges, most, minSeconds), linkage.slots);
  return [...regulars, ...rare].slice(0, most);
}

function chooseFounding(slots: readonly VoiceSlot[], least: number): readonly VoiceSlot[] {
  // A recording of one exclamation: its best slots are all there is.
  const choices = [FOUNDING_SECONDS, MIN_CLEAN_SECONDS].map((seconds) => slots.filter((slot) => slot.cleanSeconds >= seconds));
  return choices.find((chosen) => chosen.length >= least) ?? slots;
}

function chooseUnheard(slots: readonly VoiceSlot[], heard: readonly VoiceSlot[], speakers: readonly Float32Array[]): VoiceSlot[] {
  const known = new Set(heard);
  return slots.filter(
    (slot) =>
      slot.cleanSeconds >= MIN_CLEAN_SECONDS &&
      !known.has(slot) &&
      nearestCentroid(slot.embedding, speakers).similarity < UNHEARD_SIMILARITY,
  );
}

function minSpeakerSeconds(slots: readonly VoiceSlot[]): number {
  const total = slots.reduce((sum, slot) => sum + slot.cleanSeconds, 0);
  return Math.min(MIN_SPEAKER.atMostSeconds, MIN_SPEAKER.seconds + MIN_SPEAKER.share * total);
}

function link(all: readonly VoiceSlot[]): Linkage {
  const weight = Math.max(1, all.length / MAX_CLUSTERED);
  const slots = weight === 1 ? all : all.filter((_, index) => Math.floor(index / weight) !== Math.floor((index - 1) / weight));
  return { slots, history: averageLinkage(slots.map((slot) => slot.embedding)), weight };
}

function mergesTo({ history }: Linkage, sameVoice: number): number {
  const different = history.findIndex((merge) => merge.similarity < sameVoice);
  return different < 0 ? history.length : different;
}

/** The clusters that are speakers, the one with most speech first. */
function speakersAfter({ slots, history, weight }: Linkage, merges: number, minSeconds: number): VoiceSlot[][] {
  const labels = labelsAfter(slots.length, history, merges);
  const clusters = [...Map.groupBy(slots.keys(), (index) => labels[index]).values()].map((own) =>
    own.flatMap((index) => slots[index] ?? []),
  );
  const bySpeech = clusters
    .map((own) => ({ own, seconds: weight * own.reduce((sum, slot) => sum + slot.cleanSeconds, 0) }))
    .sort((a, b) => b.seconds - a.seconds);
  return bySpeech.filter(({ seconds }) => seconds >= minSeconds).map(({ own }) => own);
}

/** Merges undone until there are `least` speakers. */
function atLeast(linkage: Linkage, merges: number, least: number, minSeconds: number): VoiceSlot[][] {
  for (let fewer = merges; fewer > 0; fewer--) {
    const speakers = speakersAfter(linkage, fewer, minSeconds);
    if (speakers.length >= least) return speakers;
  }
  // So many are wanted that some have next to no speech.
  return speakersAfter(linkage, Math.max(0, linkage.slots.length - least), 0);
}

/** More merged until there are at most `most` speakers. */
function atMost(linkage: Linkage, merges: number, most: number, minSeconds: number): VoiceSlot[][] {
  let speakers = speakersAfter(linkage, merges, minSeconds);
  for (let more = merges + 1; speakers.length > most && more <= linkage.history.length; more++) {
    speakers = speakersAfter(linkage, more, minSeconds);
  }
  return speakers;
}

/** Centroids of the slots nearest to them, starting with those of the clusters. */
function refine(clusters: readonly VoiceSlot[][], slots: readonly VoiceSlot[]): Float32Array[] {
  let centroids = clusters.map(centroidOf);
  for (let round = 0; round < REFINEMENTS; round++) {
    const owned = Map.groupBy(slots, (slot) => nearestCentroid(slot.embedding, centroids).speaker);
    centroids = centroids.map((centroid, speaker) => {
      const own = owned.get(speaker);
      return own === undefined ? centroid : centroidOf(own);
    });
  }
  return centroids;
}
