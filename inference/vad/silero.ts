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

/** Engines that share the lanes of a long recording. */
const MAX_ENGINES = 2;

export interface SileroDeps {
  /** Holds `silero_vad.onnx`. */
  model: ModelFiles;
  /** CPU threads in all. */
  threads: number;
}

/** A speech detector on Silero VAD. Memory does not grow with the recording but by its probabilities. */
export async function openSileroDetector(deps: SileroDeps): Promise<SpeechDetector> {
  const init: SileroInit = { modelPath: deps.model.path('silero_vad.onnx') };
  const count = Math.min(MAX_ENGINES, deps.threads);
  const engines = await Promise.all(
    Array.from({ length: count }, () => startEngine<SileroEngine>(new URL('silero-engine.ts', import.meta.url), init)),
  );
  const model: ModelIdentity = { ...deps.model.identity, precision: 'fp32' };
  return {
    model,
    async detect(audio, options = {}) {
      const audible = options.loudnessDbfs === undefined ? audio : toSpeakingLevel(audio, options.loudnessDbfs);
      return toSpeechSpans(await detectProbabilities(engines, audible, options), audio.totalSamples);
    },
    close: async () => void (await Promise.all(engines.map((engine) => engine.close()))),
  };
}

/** Lanes `[first, end)`, which one engine listens to, and how far it has come. */
interface LaneGroup {
  engine: Remote<SileroEngine>;
  first: number;
  end: number;
  state: Float32Array;
}

function shareLanes(engines: readonly Remote<SileroEngine>[], lanes: number): LaneGroup[] {
  const used = engines.slice(0, lanes);
  return used.map((engine, index) => {
    const first = Math.floor((lanes * index) / used.length);
    const end = Math.floor((lanes * (index + 1)) / used.length);
    return { engine, first, end, state: emptySileroState(end - first) };
  });
}

/** Probability of speech for each chunk of 512 samples, the last one filled up with silence. */
async function detectProbabilities(
  engines: readonly Remote<SileroEngine>[],
  audio: PcmSource,
  options: DetectSpeechOptions,
): Promise<Float32Array> {
  const totalChunks = Math.ceil(audio.totalSamples / CHUNK_SAMPLES);
  const lanes = totalChunks < MIN_CHUNKS_FOR_LANES ? 1 : LANES;
  const laneChunks = Math.ceil(totalChunks / lanes);
  const warmUpChunks = lanes === 1 ? 0 : STEP_CHUNKS;
  const probabilities = new Float32Array(totalChunks);
  const groups = shareLanes(engines, lanes);
  // Every lane but the first starts early; what it says of that stretch is the business of the lane before.
  for (let offset = -warmUpChunks; offset < laneChunks; offset += STEP_CHUNKS) {
    options.signal?.throwIfAborted();
    const chunks = Math.min(STEP_CHUNKS, laneChunks - offset);
    const heard = await Promise.all(groups.map((group) => listen(group, audio, { laneChunks, offset, chunks })));
    if (offset < 0) {
      // The first lane had nothing to warm up on: it starts as the model's authors do.
      clearSileroState(groups[0]!.state, groups[0]!.end, 0);
      continue;
    }
    for (const [lane, part] of heard.flat().entries()) {
      const start = lane * laneChunks + offset;
      const end = Math.min(start + chunks, (lane + 1) * laneChunks, totalChunks);
      if (end > start) probabilities.set(part.subarray(0, end - start), start);
    }
    options.onProgress?.(Math.min(audio.totalSamples, (offset + chunks) * lanes * CHUNK_SAMPLES) / SAMPLE_RATE);
  }
  return probabilities;
}

interface LaneStep {
  laneChunks: number;
  offset: number;
  chunks: number;
}

/** Probabilities of the next `chunks` of each lane of a group. */
async function listen(group: LaneGroup, audio: PcmSource, { laneChunks, offset, chunks }: LaneStep): Promise<Float32Array[]> {
  const lanes = Array.from({ length: group.end - group.first }, (_, index) => group.first + index);
  const parts = await Promise.all(lanes.map((lane) => readChunks(audio, lane * laneChunks + offset, chunks)));
  const result = await group.engine.run({ audio: join(parts), lanes: lanes.length, state: group.state });
  group.state = result.state;
  return lanes.map((_, index) => result.probabilities.subarray(index * chunks, (index + 1) * chunks));
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
