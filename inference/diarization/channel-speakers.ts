import type { SpeakerCount } from '../../contracts/lecture.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { ChannelEvidence, Span } from '../../contracts/transcript.ts';
import { secondsOfFrames, SILENT_DB } from './channel-levels.ts';
import { QUIET, type SpeakerFrames } from './frame-votes.ts';
import { FIRST_CENTRE_SAMPLES, FRAME_SAMPLES } from './windows.ts';

/** One channel is louder from here on. */
const DOMINANT_DB = 6;
/** A channel's noise is what a tenth of its frames do not exceed; speech is this much above. */
const NOISE_QUANTILE = 0.1;
const ABOVE_NOISE_DB = 6;
/** A level without its noise is never further below it: what is left of noise is chance. */
const BELOW_NOISE_DB = 10;
/** How far above the other channel's cross-talk a channel's own speech is. */
const ABOVE_CROSS_TALK_DB = 8;
/** Two people in two rooms hear each other 15 dB softer or less; two microphones in one room hear both within 10 dB. */
const MOST_CROSS_TALK_DB = -12;
/** Share of the speech in which one channel is louder: people on the phone talk over each other in a tenth of it. */
const MIN_DOMINANT_SHARE = 0.6;
/** Speech that a channel must have to itself: a few words. */
const MIN_DOMINANT_SECONDS = 2;

/** Of one channel, left or right. */
export interface ChannelHearing {
  /** dBFS, [frames]. */
  levels: Float32Array;
  /** Where a speech detector hears someone in it, cross-talk as well; ascending. */
  speech: readonly Span[];
}

/** Left and right. */
type Pair<T> = readonly [T, T];

export interface ChannelJudgement {
  evidence: ChannelEvidence;
  /** Who speaks in which frame; `null` where the channels are not a speaker each, or the user says there are not two. */
  frames: SpeakerFrames | null;
}

/**
 * Decides by measured cross-talk whether each channel has a speaker of its own, and if so who speaks in which frame. The rule: each
 * channel is the louder one, by 6 dB, in two seconds of speech or more, one of them is in 60 % of all speech, and what is heard
 * of the louder one in the other is 12 dB softer (median). A channel speaks where its detector hears speech, it is 6 dB above its
 * noise, and 8 dB above the cross-talk that the other channel's level lets expect: both may at once. Channels are compared without
 * their noise, so that a soft voice on a quiet line stands against a hiss on the other.
 */
export function judgeChannels(channels: Pair<ChannelHearing>, wanted: SpeakerCount = {}): ChannelJudgement {
  const frames = channels[0].levels.length;
  const heard = both((channel) => findHeard(channels[channel]));
  const voices = both((channel) => withoutNoise(channels[channel].levels));
  const leftLead = voices[LEFT].map((level, frame) => level - (voices[RIGHT][frame] ?? SILENT_DB));
  const lead = (channel: Channel, frame: number): number => (channel === LEFT ? 1 : -1) * (leftLead[frame] ?? 0);
  const isHeard = (channel: Channel, frame: number): boolean => heard[channel][frame] === 1;
  const dominant = both((channel) => findFrames(frames, (frame) => isHeard(channel, frame) && lead(channel, frame) >= DOMINANT_DB));
  // What a channel holds of the other's speaker is measured while only that one is loud.
  const crossTalk = both((channel) => median(dominant[otherOf(channel)].map((frame) => lead(channel, frame))));
  const evidence: ChannelEvidence = {
    dominantSeconds: [roundTenths(secondsOfFrames(dominant[LEFT].length)), roundTenths(secondsOfFrames(dominant[RIGHT].length))],
    speechSeconds: roundTenths(secondsOfFrames(findFrames(frames, (frame) => isHeard(LEFT, frame) || isHeard(RIGHT, frame)).length)),
    crossTalkDb: [crossTalk[LEFT], crossTalk[RIGHT]],
  };
  if (!isSpeakerEach(evidence) || !allowsTwo(wanted)) return { evidence, frames: null };
  const active = new Uint8Array(2 * frames);
  const main = new Int16Array(frames).fill(QUIET);
  for (const channel of [LEFT, RIGHT] as const) {
    const least = (crossTalk[channel] ?? -Infinity) + ABOVE_CROSS_TALK_DB;
    for (const frame of findFrames(frames, (at) => isHeard(channel, at) && lead(channel, at) >= least)) {
      active[2 * frame + channel] = 1;
      if (main[frame] === QUIET || lead(channel, frame) > 0) main[frame] = channel;
    }
  }
  return { evidence, frames: { frames, speakers: 2, active, main } };
}

const LEFT = 0;
const RIGHT = 1;
type Channel = typeof LEFT | typeof RIGHT;

function both<T>(of: (channel: Channel) => T): Pair<T> {
  return [of(LEFT), of(RIGHT)];
}

function otherOf(channel: Channel): Channel {
  return channel === LEFT ? RIGHT : LEFT;
}

function isSpeakerEach({ dominantSeconds: [left, right], speechSeconds, crossTalkDb }: ChannelEvidence): boolean {
  if (Math.min(left, right) < MIN_DOMINANT_SECONDS || left + right < MIN_DOMINANT_SHARE * speechSeconds) return false;
  return crossTalkDb.every((db) => db !== null && db <= MOST_CROSS_TALK_DB);
}

function allowsTwo({ exact, min = 1, max = 2 }: SpeakerCount): boolean {
  return exact === undefined ? min <= 2 && max >= 2 : exact === 2;
}

/** Frames in which a channel's detector hears speech that is well above its noise: spans hold the silence around speech as well. */
function findHeard({ levels, speech }: ChannelHearing): Uint8Array {
  const noise = noiseOf(levels);
  const heard = new Uint8Array(levels.length);
  for (const { startSeconds, endSeconds } of speech) {
    const end = Math.min(levels.length, frameFrom(endSeconds));
    for (let frame = frameFrom(startSeconds); frame < end; frame++) {
      if ((levels[frame] ?? SILENT_DB) >= noise + ABOVE_NOISE_DB) heard[frame] = 1;
    }
  }
  return heard;
}

function withoutNoise(levels: Float32Array): Float32Array {
  const noise = noiseOf(levels);
  const least = noise - BELOW_NOISE_DB;
  return levels.map((level) => Math.max(least, 10 * Math.log10(Math.max(0, 10 ** (level / 10) - 10 ** (noise / 10)))));
}

function noiseOf(levels: Float32Array): number {
  return levels.toSorted()[Math.floor(NOISE_QUANTILE * levels.length)] ?? SILENT_DB;
}

/** The first frame that begins at `seconds` or later. */
function frameFrom(seconds: number): number {
  return Math.max(0, Math.ceil((seconds * SAMPLE_RATE - FIRST_CENTRE_SAMPLES) / FRAME_SAMPLES));
}

function findFrames(frames: number, holds: (frame: number) => boolean): number[] {
  const found: number[] = [];
  for (let frame = 0; frame < frames; frame++) if (holds(frame)) found.push(frame);
  return found;
}

function median(values: readonly number[]): number | null {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  return middle === undefined ? null : roundTenths(middle);
}

function roundTenths(value: number): number {
  return Math.round(value * 10) / 10;
}
