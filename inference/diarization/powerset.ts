/** The seven classes as bit sets of local speakers: {}, 0, 1, 2, 01, 02, 12. */
const CLASS_SPEAKERS = [0b000, 0b001, 0b010, 0b100, 0b011, 0b101, 0b110] as const;
const CLASSES = CLASS_SPEAKERS.length;
/** A frame that the model calls speech with at least this probability counts as sure. */
const SURE_LOG_SILENCE = Math.log(0.1);

/** Set in `activity` beside the speakers' bits: the model is sure that someone speaks here. */
export const SURE_BIT = 0b1000;

/**
 * The likeliest class of each frame as bits: 1, 2, 4 for the local speakers, 8 for sure speech.
 * `logProbabilities` [frames, 7]; a frame that is not a number is silence.
 */
export function decodePowerset(logProbabilities: Float32Array): Uint8Array {
  const activity = new Uint8Array(logProbabilities.length / CLASSES);
  for (let frame = 0; frame < activity.length; frame++) {
    let best = 0;
    let bestValue = -Infinity;
    for (let index = 0; index < CLASSES; index++) {
      const value = logProbabilities[frame * CLASSES + index] ?? -Infinity;
      if (value > bestValue) {
        best = index;
        bestValue = value;
      }
    }
    const sure = best > 0 && (logProbabilities[frame * CLASSES] ?? 0) < SURE_LOG_SILENCE;
    activity[frame] = (CLASS_SPEAKERS[best] ?? 0) | (sure ? SURE_BIT : 0);
  }
  return activity;
}

export function isActive(activity: number, localSpeaker: number): boolean {
  return (activity & (1 << localSpeaker)) !== 0;
}

export function isSure(activity: number): boolean {
  return (activity & SURE_BIT) !== 0;
}

/** How many local speakers are active. */
export function countActive(activity: number): number {
  return (activity & 1) + ((activity >> 1) & 1) + ((activity >> 2) & 1);
}
