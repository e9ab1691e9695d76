import { seededRandom } from '../../metrics/seeded-random.ts';
import { SAMPLE_RATE } from '../../../contracts/media.ts';
import type { SpeakerTurn } from '../../../contracts/transcript.ts';
import type { PcmSource } from '../../../inference/pcm-source.ts';

/** An utterance of one of the two. */
export interface Utterance {
  speaker: 0 | 1;
  samples: Float32Array;
  text: string;
}

export interface CallConditions {
  /** How much softer each hears the other, in dB; -Infinity for not at all, 0 for both microphones in one place. */
  crossTalkDb: number;
  /** White noise of each channel by itself, dBFS. */
  noiseDbfs: number;
  /** How much softer the second person is. */
  secondDb: number;
}

export interface Call {
  left: Float32Array;
  right: Float32Array;
  mono: Float32Array;
  turns: SpeakerTurn[];
  /** What each says. */
  words: { speaker: string; text: string }[];
}

/** Speech that begins before the other has ended, and pauses between turns. */
const GAP_SECONDS = { least: -1.5, most: 1.5 };

/** Two people, each on a channel, in turns that partly overlap. The same seed gives the same call. */
export function buildCall(utterances: readonly Utterance[], conditions: CallConditions, seed: number): Call {
  const random = seededRandom(seed);
  const placed: { start: number; utterance: Utterance }[] = [];
  let end = SAMPLE_RATE;
  for (const utterance of utterances) {
    const gap = (GAP_SECONDS.least + random() * (GAP_SECONDS.most - GAP_SECONDS.least)) * SAMPLE_RATE;
    const start = Math.max(0, Math.round(end + gap));
    placed.push({ start, utterance });
    end = Math.max(end, start + utterance.samples.length);
  }
  const heard = ([0, 1] as const).map((channel) => {
    const samples = Float32Array.from({ length: end + SAMPLE_RATE }, () => whiteNoise(random, conditions.noiseDbfs));
    for (const { start, utterance } of placed) {
      const level = (utterance.speaker === 1 ? conditions.secondDb : 0) + (utterance.speaker === channel ? 0 : conditions.crossTalkDb);
      const gain = 10 ** (level / 20);
      for (const [index, sample] of utterance.samples.entries()) samples[start + index] = (samples[start + index] ?? 0) + gain * sample;
    }
    return samples;
  });
  const [left, right] = [heard[0]!, heard[1]!];
  return {
    left,
    right,
    mono: left.map((sample, index) => (sample + (right[index] ?? 0)) / 2),
    turns: placed.map(({ start, utterance }) => ({
      speaker: nameOf(utterance),
      startSeconds: start / SAMPLE_RATE,
      endSeconds: (start + utterance.samples.length) / SAMPLE_RATE,
    })),
    words: placed.flatMap(({ utterance }) => utterance.text.split(' ').map((text) => ({ speaker: nameOf(utterance), text }))),
  };
}

export function sourceOf(samples: Float32Array): PcmSource {
  return { totalSamples: samples.length, read: (start, count) => Promise.resolve(samples.slice(start, start + count)) };
}

function nameOf({ speaker }: Utterance): string {
  return speaker === 0 ? 'left' : 'right';
}

/** Of the given RMS. */
function whiteNoise(random: () => number, dbfs: number): number {
  return (2 * random() - 1) * Math.sqrt(3) * 10 ** (dbfs / 20);
}
