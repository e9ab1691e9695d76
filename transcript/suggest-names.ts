import type { NameSuggestion } from '../contracts/voiceprints.ts';

/** A voice as it is compared: of unit length, made by one model like all others in a comparison. */
export interface LectureVoice {
  speaker: string;
  cleanSeconds: number;
  vector: Float32Array;
}

/** A person's samples by that model. */
export interface KnownVoice {
  voiceprintId: string;
  name: string;
  samples: readonly Float32Array[];
}

/**
 * Cosine from which two voices may be one person's. Measured with CAM++ (`npm run eval -- voices`, 2,206 pairs of sittings): no pair
 * of different people reaches it, all of the same do (0.73 or more), and 215 of 216 when one is heard over a bad telephone line.
 * Each person was recorded in one room only; another one costs some, which is why it is not higher.
 */
export const SAME_VOICE_SCORE = 0.55;
/** So much nearer than the next person the best one must be. */
export const SAME_VOICE_MARGIN = 0.1;
/** A voice made of less speech is like anybody's. */
export const MIN_HEARD_SECONDS = 3;

/**
 * Whom the speakers of a lecture sound like, by speaker: the person whose mean voice is nearest, if nobody else in the lecture is
 * nearer to that person (mutual best match), the score is high enough, and every other name is well behind. Suggestions only.
 */
export function suggestNames(voices: readonly LectureVoice[], known: readonly KnownVoice[]): Map<string, NameSuggestion> {
  const heard = voices.filter(({ cleanSeconds }) => cleanSeconds >= MIN_HEARD_SECONDS);
  const people = known.filter(({ samples }) => samples.length > 0).map((person) => ({ person, vector: meanDirection(person.samples) }));
  const scores = heard.map((voice) => people.map(({ vector }) => cosine(voice.vector, vector)));
  const suggestions = new Map<string, NameSuggestion>();
  for (const [row, voice] of heard.entries()) {
    const own = scores[row] ?? [];
    const best = indexOfLargest(own);
    const person = people[best]?.person;
    const score = own[best];
    if (person === undefined || score === undefined || score < SAME_VOICE_SCORE) continue;
    if (indexOfLargest(scores.map((others) => others[best] ?? -1)) !== row) continue;
    const margin = people.length < 2 ? null : score - Math.max(...own.filter((_, index) => index !== best));
    if (margin !== null && margin < SAME_VOICE_MARGIN) continue;
    suggestions.set(voice.speaker, { suggestedName: person.name, voiceprintId: person.voiceprintId, score, margin });
  }
  return suggestions;
}

/** Of unit length; all have the same number of axes. */
function meanDirection(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) for (const [axis, value] of vector.entries()) sum[axis] = (sum[axis] ?? 0) + value;
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}

/** Of vectors of unit length. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) sum += (a[axis] ?? 0) * (b[axis] ?? 0);
  return sum;
}

function indexOfLargest(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
}
