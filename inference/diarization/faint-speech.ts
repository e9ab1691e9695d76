import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { Span } from '../../contracts/transcript.ts';
import type { VoiceSlot } from './analysis.ts';
import { voteFrames, type SpeakerFrames } from './frame-votes.ts';
import { countActive } from './powerset.ts';
import { frameSeconds, STEP_SAMPLES, WINDOW_FRAMES } from './windows.ts';

/** Any direction will do where there is only one speaker. */
const ONLY_VOICE = Float32Array.of(1);

/**
 * Who speaks in a recording of which segmentation is nowhere sure: what it calls speech counts where a speech detector hears
 * some too (`speech`), and is one speaker, because voices that faint cannot be told apart.
 */
export function voteFaintSpeech(activity: Uint8Array, speech: readonly Span[]): SpeakerFrames {
  const heard = activity.map((bits, index) => (countActive(bits) > 0 && speech.some((span) => holds(span, secondsOf(index))) ? 1 : 0));
  const slots = Array.from({ length: heard.length / WINDOW_FRAMES }, (_, window): VoiceSlot => {
    return { window, localSpeaker: 0, cleanSeconds: 1, embedding: ONLY_VOICE };
  });
  return voteFrames(heard, slots, heard.includes(1) ? [ONLY_VOICE] : []);
}

function secondsOf(index: number): number {
  const window = Math.floor(index / WINDOW_FRAMES);
  return (window * STEP_SAMPLES) / SAMPLE_RATE + frameSeconds(index % WINDOW_FRAMES);
}

function holds(span: Span, seconds: number): boolean {
  return span.startSeconds <= seconds && seconds < span.endSeconds;
}
