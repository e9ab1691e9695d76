import type { ModelIdentity } from '../model-identity.ts';
import type { ModelFiles } from '../models/store.ts';
import { startEngine, type Remote } from '../onnx/worker-host.ts';
import type { PcmSource } from '../pcm-source.ts';
import type { DetectSpeechOptions, SpeechDetector } from '../speech-detector.ts';
import { CONTEXT_SAMPLES, clearSileroState, emptySileroState, type SileroEngine, type SileroInit } from './silero-engine.ts';
import { toSpeakingLevel } from './speaking-level.ts';
import { CHUNK_SAMPLES, toSpeechSpans } from './speech-spans.ts';

const SAMPLE_RATE = 16_000;
/** Chunks of each lane in one call of the engine: 4 s, so that progress and abort come often and memory stays flat. */
const STEP_CHUNKS = 125;
/** Lanes that a long recording is listened to in; 8 together take 2.5 times less time than one after another. */
const LANES = 8;
/** From here on lanes pay for the 4 s that each of them listens to beforehand to get into its stride. */
const MIN_CHUNKS_FOR_LANES = LANES * STEP_CHUNKS * 4;

/** A speech detector on Silero VAD; `model` holds `silero_vad.onnx`. Memory does not grow with the recording but by its probabilities. */
export async function openSileroDetector(deps: { model: ModelFiles }): Promise<SpeechDetector> {
  const init: SileroInit = { modelPath: deps.model.path('silero_vad.onnx') };
  const engine = await startEngine<SileroEngine>(new URL('silero-engine.ts', import.meta.url), init);
  const model: ModelIdentity = { ...deps.model.identity, precision: 'fp32' };
  return {
    model,
    async detect(audio, options = {}) {
      const audible = options.loudnessDbfs === undefined ? audio : toSpeakingLevel(audio, options.loudnessDbfs);
      return toSpeechSpans(await detectProbabilities(engine, audible, options), audio.totalSamples);
    },
    close: () => engine.close(),
  };
}

/** Probability of speech for each chunk of 512 samples, the last one filled up with silence. */
async function detectProbabilities(engine: Remote<SileroEngine>, audio: PcmSource, options: DetectSpeechOptions): Promise<Float32Array> {
  const totalChunks = Math.ceil(audio.totalSamples / CHUNK_SAMPLES);
  const lanes = totalChunks < MIN_CHUNKS_FOR_LANES ? 1 : LANES;
  const laneChunks = Math.ceil(totalChunks / lanes);
  const warmUpChunks = lanes === 1 ? 0 : STEP_CHUNKS;
  const probabilities = new Float32Array(totalChunks);
  let state = emptySileroState(lanes);
  // Every lane but the first starts early; what it says of that stretch is the business of the lane before.
  for (let offset = -warmUpChunks; offset < laneChunks; offset += STEP_CHUNKS) {
    options.signal?.throwIfAborted();
    const chunks = Math.min(STEP_CHUNKS, laneChunks - offset);
    const starts = Array.from({ length: lanes }, (_, lane) => lane * laneChunks + offset);
    const parts = await Promise.all(starts.map((start) => readChunks(audio, start, chunks)));
    const result = await engine.run({ audio: join(parts), lanes, state });
    state = result.state;
    if (offset < 0) {
      // The first lane had nothing to warm up on: it starts as the model's authors do.
      clearSileroState(state, lanes, 0);
      continue;
    }
    for (const [lane, start] of starts.entries()) {
      const end = Math.min(start + chunks, (lane + 1) * laneChunks, totalChunks);
      if (end > start) probabilities.set(result.probabilities.subarray(lane * chunks, lane * chunks + end - start), start);
    }
    options.onProgress?.(Math.min(audio.totalSamples, (offset + chunks) * lanes * CHUNK_SAMPLES) / SAMPLE_RATE);
  }
  return probabilities;
}

/** Context and `chunks` chunks from chunk `start` on; silence where the recording has not begun or has ended. */
async function readChunks(audio: PcmSource, start: number, chunks: number): Promise<Float32Array> {
  const firstSample = start * CHUNK_SAMPLES - CONTEXT_SAMPLES;
  const endSample = (start + chunks) * CHUNK_SAMPLES;
  const samples = new Float32Array(endSample - firstSample);
  const from = Math.max(0, firstSample);
  const until = Math.min(audio.totalSamples, endSample);
  if (until > from) samples.set(await audio.read(from, until - from), from - firstSample);
  return samples;
}

function join(parts: Float32Array[]): Float32Array {
  const length = parts[0]!.length;
  const joined = new Float32Array(parts.length * length);
  for (const [index, part] of parts.entries()) joined.set(part, index * length);
  return joined;
}
