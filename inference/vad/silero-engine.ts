import * as ort from 'onnxruntime-node';
import { openSession } from '../onnx/open-session.ts';
import { CHUNK_SAMPLES } from './speech-spans.ts';

/** Samples of the chunk before that the model sees again in front of each chunk. */
export const CONTEXT_SAMPLES = 64;
/** The recurrent state of one lane: 2 x 128 values. */
const STATE_SIZE = 128;

export interface SileroInit {
  modelPath: string;
}

export interface SileroBatch {
  /** `[lanes, 64 + chunks * 512]`: each lane's context and its next chunks. */
  audio: Float32Array;
  lanes: number;
  /** `[2, lanes, 128]` from the call before; zeros at the start. */
  state: Float32Array;
}

export interface SileroResult {
  /** `[lanes, chunks]`, 0 to 1. */
  probabilities: Float32Array;
  state: Float32Array;
}

export interface SileroEngine {
  run(batch: SileroBatch): Promise<SileroResult>;
}

export function emptySileroState(lanes: number): Float32Array {
  return new Float32Array(2 * lanes * STATE_SIZE);
}

/** Forgets what `lane` has heard. */
export function clearSileroState(state: Float32Array, lanes: number, lane: number): void {
  for (const layer of [0, 1]) {
    const start = (layer * lanes + lane) * STATE_SIZE;
    state.fill(0, start, start + STATE_SIZE);
  }
}

/**
 * Silero VAD v6 (MIT) in a worker thread: `input [lanes, 576]`, `state [2, lanes, 128]`, `sr` -> probability and next state, chunk
 * after chunk. Lanes are independent recordings or parts of one; batching them shares the cost of a run.
 */
export async function createEngine({ modelPath }: SileroInit): Promise<SileroEngine> {
  const session = await openSession(modelPath, { threads: 1 });
  const sampleRate = new ort.Tensor('int64', BigInt64Array.of(16_000n), []);

  return {
    async run({ audio, lanes, state }) {
      const laneSamples = audio.length / lanes;
      const chunks = (laneSamples - CONTEXT_SAMPLES) / CHUNK_SAMPLES;
      const inputSamples = CONTEXT_SAMPLES + CHUNK_SAMPLES;
      const inputData = new Float32Array(lanes * inputSamples);
      const input = new ort.Tensor('float32', inputData, [lanes, inputSamples]);
      const probabilities = new Float32Array(lanes * chunks);
      let current = state;
      for (let chunk = 0; chunk < chunks; chunk++) {
        for (let lane = 0; lane < lanes; lane++) {
          const start = lane * laneSamples + chunk * CHUNK_SAMPLES;
          inputData.set(audio.subarray(start, start + inputSamples), lane * inputSamples);
        }
        const stateTensor = new ort.Tensor('float32', current, [2, lanes, STATE_SIZE]);
        const result = await session.run({ input, state: stateTensor, sr: sampleRate });
        const output = result['output']!.data as Float32Array;
        for (let lane = 0; lane < lanes; lane++) probabilities[lane * chunks + chunk] = output[lane]!;
        current = result['stateN']!.data as Float32Array;
      }
      return { probabilities, state: Float32Array.from(current) };
    },
  };
}
