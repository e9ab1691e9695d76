/**
 * Whisper as three ONNX graphs for a machine where every call carries its tensors over a bus: the decoding loop is inside. Written by
 * `buildWhisperCudaGraphs` (`build.ts`) in halves for CUDA, in float32 for the CPU provider; all that goes in and out is float32.
 * b windows side by side; V the vocabulary, n tokens of a row, A alignment heads.
 *
 * encoder.onnx
 *   in  mel                float32 [b, 80|128, 3000]   log-mel as Whisper normalises it; 30 s, zero audio where short
 *   out hidden             float32 [b, 1500, width]
 * search.onnx
 *   in  hidden             float32 [b, 1500, width]
 *   in  prompt             int32   [b, p]
 *   in  max_length, beams  int32   [1]                 tokens of a row at most, prompt included; beams of a row
 *   in  bias               float32 [2, V]              added to the logits of the first token, and of all others
 *   in  logit_scale        float32 [1]                 1 / temperature, or 1
 *   in  noise              float32 [V + 31 * maxTokens] added to the scaled logits, 31 further on for each token; zeros, or Gumbel noise
 *   out sequences          int32   [b, 1, max_length]  prompt, text, end of text as often as needed
 * scorer.onnx
 *   in  hidden             float32 [b, 1500, width]
 *   in  tokens             int64   [b, n]
 *   in  start              int64   [1]                 the row of `start_logits`
 *   in  bias               float32 [V]
 *   out start_logits       float32 [b, V]              raw, after the token at `start`
 *   out log_probabilities  float32 [b, n-1]            log p(token t+1 | tokens up to t) under logits + bias
 *   out qk                 float32 [b, A, n, 1500]     scaled cross-attention scores before the softmax
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { LecternError } from '../../../contracts/errors.ts';
import { toRunError } from '../../onnx/cuda-errors.ts';
import { openSession, type SessionOptions } from '../../onnx/open-session.ts';
import { WHISPER_AUDIO_FRAMES, WHISPER_MEL_FRAMES, type WhisperShape } from '../whisper-interface.ts';
import { NOISE_STRIDE } from './search.ts';

/** What the encoder made of `rows` windows: `[rows, 1500, width]`. */
export interface HeardAudio {
  rows: number;
  hidden: Float32Array;
}

export interface SearchOptions {
  /** Tokens of each row to begin with, all rows of one length. */
  prompts: readonly (readonly number[])[];
  beams: number;
  /** 0 searches, more draws (with one beam). */
  temperature: number;
  /** Uniform in 0..1, for the draw. */
  random: () => number;
  /** Added to the logits of the first token, and of all others, `[vocabulary]`. */
  firstBias: Float32Array;
  bias: Float32Array;
}

export interface TokenScores {
  /** `[rows, vocabulary]`: raw logits after the token at `start`. */
  startLogits: Float32Array;
  /** `[rows, n-1]`: log-probability of each token but the first. */
  logProbabilities: Float32Array;
}

export interface AttendedTokens {
  /** `[rows, A, n, 1500]` scores of the alignment heads, before the softmax. */
  qk: Float32Array;
}

type Feeds = Record<string, Tensor>;
type Provider = NonNullable<SessionOptions['provider']>;

/** All calls block the thread while they run. Throws `out-of-resources` where the device's memory does not suffice. */
export class WhisperCudaModel {
  readonly shape: WhisperShape;
  readonly #provider: Provider;
  readonly #sessions: Record<GraphName, InferenceSession>;

  constructor(shape: WhisperShape, provider: Provider, sessions: Record<GraphName, InferenceSession>) {
    this.shape = shape;
    this.#provider = provider;
    this.#sessions = sessions;
  }

  /** `mel` is `[rows, melBins, 3000]`. */
  async encode(mel: Float32Array, rows: number): Promise<HeardAudio> {
    const { hidden } = await this.#run('encoder', { mel: new Tensor('float32', mel, [rows, this.shape.melBins, WHISPER_MEL_FRAMES]) }, [
      'hidden',
    ]);
    return { rows, hidden: floatsOf(hidden) };
  }

  /** The audio of some rows, in their order. */
  selectRows({ rows, hidden }: HeardAudio, wanted: readonly number[]): HeardAudio {
    const size = hidden.length / rows;
    const selected = new Float32Array(wanted.length * size);
    for (const [place, row] of wanted.entries()) selected.set(hidden.subarray(row * size, (row + 1) * size), place * size);
    return { rows: wanted.length, hidden: selected };
  }

  /** The best text of each row after its prompt, up to the end of text or to the most tokens that a row can have. */
  async search(audio: HeardAudio, options: SearchOptions, endOfText: number): Promise<{ tokens: number[]; ended: boolean }[]> {
    const { vocabulary, maxTokens } = this.shape;
    const { prompts, temperature } = options;
    const promptLength = prompts[0]?.length ?? 0;
    const feeds: Feeds = {
      hidden: this.#hiddenTensor(audio),
      prompt: new Tensor('int32', Int32Array.from(prompts.flat()), [audio.rows, promptLength]),
      max_length: new Tensor('int32', Int32Array.of(maxTokens), [1]),
      beams: new Tensor('int32', Int32Array.of(options.beams), [1]),
      bias: new Tensor('float32', Float32Array.from([...options.firstBias, ...options.bias]), [2, vocabulary]),
      logit_scale: new Tensor('float32', Float32Array.of(temperature === 0 ? 1 : 1 / temperature), [1]),
      noise: new Tensor('float32', makeNoise(vocabulary + NOISE_STRIDE * maxTokens, options), [vocabulary + NOISE_STRIDE * maxTokens]),
    };
    const { sequences } = await this.#run('search', feeds, ['sequences']);
    const ids = sequences?.data as Int32Array;
    return Array.from({ length: audio.rows }, (_, row) => {
      const text = [...ids.subarray(row * maxTokens + promptLength, (row + 1) * maxTokens)];
      const end = text.indexOf(endOfText);
      return { tokens: end < 0 ? text : text.slice(0, end), ended: end >= 0 };
    });
  }

  /** `tokens`: one list a row, all of one length. */
  async score(audio: HeardAudio, tokens: readonly (readonly number[])[], start: number, bias: Float32Array): Promise<TokenScores> {
    const result = await this.#run('scorer', this.#scorerFeeds(audio, tokens, start, bias), ['start_logits', 'log_probabilities']);
    return { startLogits: floatsOf(result['start_logits']), logProbabilities: floatsOf(result['log_probabilities']) };
  }

  /** What each row listened to while it read `tokens`, one list a row, all of one length. */
  async attend(audio: HeardAudio, tokens: readonly (readonly number[])[]): Promise<AttendedTokens> {
    const unbiased = new Float32Array(this.shape.vocabulary);
    const { qk } = await this.#run('scorer', this.#scorerFeeds(audio, tokens, 0, unbiased), ['qk']);
    return { qk: floatsOf(qk) };
  }

  /** Writes the profiles of sessions that were opened with a `profilePrefix`. */
  endProfiling(): void {
    for (const session of Object.values(this.#sessions)) session.endProfiling();
  }

  async close(): Promise<void> {
    for (const session of Object.values(this.#sessions)) await session.release();
  }

  #scorerFeeds(audio: HeardAudio, tokens: readonly (readonly number[])[], start: number, bias: Float32Array): Feeds {
    return {
      hidden: this.#hiddenTensor(audio),
      tokens: new Tensor('int64', BigInt64Array.from(tokens.flat(), BigInt), [audio.rows, tokens[0]?.length ?? 0]),
      start: new Tensor('int64', BigInt64Array.of(BigInt(start)), [1]),
      bias: new Tensor('float32', bias, [this.shape.vocabulary]),
    };
  }

  #hiddenTensor({ rows, hidden }: HeardAudio): Tensor {
    return new Tensor('float32', hidden, [rows, WHISPER_AUDIO_FRAMES, this.shape.heads * this.shape.headSize]);
  }

  async #run(graph: GraphName, feeds: Feeds, outputs: string[]): Promise<InferenceSession.OnnxValueMapType> {
    try {
      return await this.#sessions[graph].run(feeds, outputs);
    } catch (error) {
      throw toRunError(error, graph, this.#provider);
    }
  }
}

const GRAPHS = ['encoder', 'search', 'scorer'] as const;
type GraphName = (typeof GRAPHS)[number];

/** Opens the graphs that `buildWhisperCudaGraphs` wrote to `graphDir`, in this thread: call it from an engine module. */
export async function openWhisperCudaModel(graphDir: string, options: SessionOptions): Promise<WhisperCudaModel> {
  const shape = JSON.parse(await readFile(join(graphDir, 'shape.json'), 'utf8')) as WhisperShape;
  const open = (name: GraphName): Promise<InferenceSession> => openSession(join(graphDir, `${name}.onnx`), options);
  const sessions = { encoder: await open('encoder'), search: await open('search'), scorer: await open('scorer') };
  return new WhisperCudaModel(shape, options.provider ?? 'cpu', sessions);
}

/** Zeros, or noise with which the likeliest token is a draw from the softmax. */
function makeNoise(length: number, { temperature, random }: SearchOptions): Float32Array {
  if (temperature === 0) return new Float32Array(length);
  return Float32Array.from({ length }, () => -Math.log(-Math.log(random() || Number.MIN_VALUE)));
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new LecternError('internal', 'whisper: a graph gave no numbers');
}
