import * as ort from 'onnxruntime-node';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import { campPlusContext } from '../graphs/campplus.ts';
import { openSession } from '../onnx/open-session.ts';
import type { VoiceSlot, WindowAnalysis } from './analysis.ts';
import { createKaldiFbank, FBANK_BINS, FBANK_HOP_SAMPLES, fbankFrames } from './kaldi-fbank.ts';
import { countActive, decodePowerset, isActive, isSure } from './powerset.ts';
import { isSilent } from './speech-evidence.ts';
import { FRAME_SAMPLES, frameAtSample, LOCAL_SPEAKERS, STEP_SAMPLES, WINDOW_FRAMES, WINDOW_SAMPLES } from './windows.ts';

export interface DiarizerEngineInit {
  segmentationPath: string;
  campplusPath: string;
  threads: number;
}

export interface DiarizerEngine {
  /**
   * Windows in a row, every `STEP_SAMPLES`, over `samples`, which holds the last window whole.
   * `firstWindow` is the index of the first in the recording.
   */
  analyse(samples: Float32Array, firstWindow: number, windows: number): Promise<WindowAnalysis>;
  /** The voice of a stretch of one person's speech, [192] of unit length; `null` where the samples give none. */
  embedVoice(samples: Float32Array): Promise<Float32Array | null>;
}

/** Below this the overlapped speech is taken too: a bad voice is better than none. */
const MIN_CLEAN_SECONDS = 0.4;
/** Frames of 10 ms; with fewer there is no voice to tell. */
const MIN_VOICE_FRAMES = 25;
/** Share of a local speaker's frames in which the model is sure that someone speaks. */
const MIN_SURE_SHARE = 0.2;
/** Centre of a fbank frame of 25 ms. */
const FBANK_CENTRE_SAMPLES = 200;
const WINDOW_FBANK_FRAMES = fbankFrames(WINDOW_SAMPLES);

/** Runs both networks; in a worker thread by `startEngine`. */
export async function createEngine(init: DiarizerEngineInit): Promise<DiarizerEngine> {
  // An ingest transcribes at the same time: threads that spin while they wait took 70 % more processor time on busy cores.
  const options = { threads: init.threads, sharesCores: true };
  const segmentation = await openSession(init.segmentationPath, options);
  const campplus = await openSession(init.campplusPath, options);
  const fbank = createKaldiFbank();

  async function segment(samples: Float32Array, windows: number): Promise<Uint8Array> {
    const batch = new Float32Array(windows * WINDOW_SAMPLES);
    for (let window = 0; window < windows; window++) {
      batch.set(samples.subarray(window * STEP_SAMPLES, window * STEP_SAMPLES + WINDOW_SAMPLES), window * WINDOW_SAMPLES);
    }
    const waveform = new ort.Tensor('float32', batch, [windows, 1, WINDOW_SAMPLES]);
    const { log_probabilities: output } = await segmentation.run({ waveform });
    return decodePowerset(output?.data as Float32Array);
  }

  async function embed(features: Float32Array): Promise<Float32Array> {
    const frames = features.length / FBANK_BINS;
    removeMean(features);
    const { networkFrames, stretches, context, spread } = campPlusContext(frames);
    const { embedding } = await campplus.run({
      fbank: new ort.Tensor('float32', features, [1, frames, FBANK_BINS]),
      context: new ort.Tensor('float32', context, [networkFrames, stretches]),
      spread: new ort.Tensor('float32', spread, [stretches, networkFrames]),
    });
    return toUnitLength(embedding?.data as Float32Array);
  }

  return {
    async analyse(samples, firstWindow, windows) {
      const activity = await segment(samples, windows);
      const slots: VoiceSlot[] = [];
      if (isSilent(activity)) return { activity, slots };
      const features = fbank(samples);
      for (let window = 0; window < windows; window++) {
        const bits = activity.subarray(window * WINDOW_FRAMES, (window + 1) * WINDOW_FRAMES);
        const offset = window * (STEP_SAMPLES / FBANK_HOP_SAMPLES) * FBANK_BINS;
        const inWindow = features.subarray(offset, offset + WINDOW_FBANK_FRAMES * FBANK_BINS);
        for (let localSpeaker = 0; localSpeaker < LOCAL_SPEAKERS; localSpeaker++) {
          if (!isSpeech(bits, localSpeaker)) continue;
          const voice = pickVoice(bits, localSpeaker);
          const frames = fbankFramesOf(voice.mask);
          if (frames.length < MIN_VOICE_FRAMES) continue;
          const embedding = await embed(gather(inWindow, frames));
          // Digital silence or broken samples can give a vector without a direction.
          if (embedding.some((value) => !Number.isFinite(value))) continue;
          slots.push({ window: firstWindow + window, localSpeaker, cleanSeconds: voice.cleanSeconds, embedding });
        }
      }
      return { activity, slots };
    },
    async embedVoice(samples) {
      const features = fbank(samples);
      if (features.length < MIN_VOICE_FRAMES * FBANK_BINS) return null;
      const vector = await embed(features);
      return vector.every((value) => Number.isFinite(value)) ? vector : null;
    },
  };
}

/** Music and noise make the model see a speaker, hardly ever surely: they have no voice. */
function isSpeech(bits: Uint8Array, localSpeaker: number): boolean {
  const own = bits.filter((frame) => isActive(frame, localSpeaker));
  return own.filter(isSure).length > MIN_SURE_SHARE * own.length;
}

function pickVoice(bits: Uint8Array, localSpeaker: number): { cleanSeconds: number; mask: Uint8Array } {
  const clean = bits.map((frame) => (isActive(frame, localSpeaker) && countActive(frame) === 1 ? 1 : 0));
  const cleanSeconds = (clean.reduce((sum, frame) => sum + frame, 0) * FRAME_SAMPLES) / SAMPLE_RATE;
  const mask = cleanSeconds >= MIN_CLEAN_SECONDS ? clean : bits.map((frame) => (isActive(frame, localSpeaker) ? 1 : 0));
  return { cleanSeconds, mask };
}

/** The fbank frames whose centre lies in an active frame of the segmentation. */
function fbankFramesOf(mask: Uint8Array): number[] {
  const frames: number[] = [];
  for (let frame = 0; frame < WINDOW_FBANK_FRAMES; frame++) {
    if (mask[frameAtSample(frame * FBANK_HOP_SAMPLES + FBANK_CENTRE_SAMPLES)] === 1) frames.push(frame);
  }
  return frames;
}

/** The speaker's frames, joined: embedding them alone tells voices apart better than masking the pooling of whole windows. */
function gather(features: Float32Array, frames: readonly number[]): Float32Array {
  const gathered = new Float32Array(frames.length * FBANK_BINS);
  for (const [row, frame] of frames.entries()) {
    gathered.set(features.subarray(frame * FBANK_BINS, (frame + 1) * FBANK_BINS), row * FBANK_BINS);
  }
  return gathered;
}

/** CAM++ wants each band's mean over time removed. */
function removeMean(features: Float32Array): void {
  const frames = features.length / FBANK_BINS;
  for (let bin = 0; bin < FBANK_BINS; bin++) {
    let mean = 0;
    for (let frame = 0; frame < frames; frame++) mean += (features[frame * FBANK_BINS + bin] ?? 0) / frames;
    for (let frame = 0; frame < frames; frame++) features[frame * FBANK_BINS + bin] = (features[frame * FBANK_BINS + bin] ?? 0) - mean;
  }
}

function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
