/**
 * Whisper as two ONNX graphs, and the calls that hide their tensors. Written by `buildWhisperGraphs`
 * (`whisper.ts`) from CTranslate2 weights, opened inside an engine worker by `openWhisperModel` (`whisper-model.ts`).
 *
 * `b` rows (windows, or beams) run side by side and all rows of one call have the same length. L layers, H heads,
 * D = 64 per head, V the vocabulary, T the tokens decoded so far, n new ones, A alignment heads. `a` recordings are
 * listened to, each by b / a rows that follow one another (beams share the audio's tensors).
 * Keys are stored transposed, `[..., D, length]`, so that a one-token step reads them in the order they lie.
 *
 * encoder.onnx
 *   in  mel                float32 [b, 80|128, 3000]   log-mel as Whisper normalises it; 30 s, zero audio where short
 *   out cross_key_{i}      float32 [b, H, D, 1500]     for each decoder layer i
 *   out cross_value_{i}    float32 [b, H, 1500, D]
 * decoder.onnx
 *   in  input_ids          int64   [b, n]
 *   in  positions          int64   [n]                 T .. T+n-1, the same for all rows
 *   in  logit_rows         int64   [k]                 which of the n tokens to give logits for, 0 .. n-1
 *   in  targets            int64   [b, k]              the tokens whose probability `log_probabilities` gives
 *   in  past_key_{i}       float32 [b, H, D, T]        T may be 0
 *   in  past_value_{i}     float32 [b, H, T, D]
 *   in  cross_key_{i}      float32 [a, H, D, 1500]
 *   in  cross_value_{i}    float32 [a, H, 1500, D]
 *   out logits             float32 [b, k, V]           raw, nothing suppressed
 *   out log_probabilities  float32 [b, k]              log-softmax of the logits at `targets`
 *   out qk                 float32 [a, A, (b/a) n, 1500] scaled cross-attention scores before the softmax, of the
 *                                                      alignment heads in the order of config.json
 *   out present_key_{i}    float32 [b, H, D, T+n]
 *   out present_value_{i}  float32 [b, H, T+n, D]
 */

/** Sizes of one model, as `shape.json` beside its graphs holds them. */
export interface WhisperShape {
  layers: number;
  heads: number;
  headSize: number;
  /** 80, or 128 for large-v3 and its children. */
  melBins: number;
  vocabulary: number;
  /** 448: the most tokens, prompt included, that a row can have. */
  maxTokens: number;
  /** `[layer, head]` of each row of `qk`. */
  alignmentHeads: [layer: number, head: number][];
}

/** Mel frames of a window, and encoder frames (20 ms each) that come of them. */
export const WHISPER_MEL_FRAMES = 3000;
export const WHISPER_AUDIO_FRAMES = 1500;

/** Cross-attention keys and values of `rows` windows. Opaque, large (6 MB a row and layer for base): drop it soon. */
export interface EncodedAudio {
  readonly rows: number;
}

/** Rows in the midst of decoding: their tokens' keys and values, and the audio they attend to. */
export interface DecoderState {
  readonly rows: number;
  /** Tokens of each row so far, prompt included. */
  readonly tokens: number;
}

/** Row-major numbers: `data[((row * dims[1]) + ...)]`. Valid until the next call on the same model. */
export interface Numbers {
  data: Float32Array;
  dims: readonly number[];
}

export interface AlignedTokens {
  /** `[rows, n-1]` (`[rows, 0]` when not asked for): log p(token t+1 | tokens up to t), nothing suppressed. */
  logProbabilities: Numbers;
  /** `[rows, A, n, 1500]`: row t of it is what the model listened to while it read token t. */
  qk: Numbers;
}

/** All calls block the thread while they run, and none may overlap another. */
export interface WhisperModel {
  readonly shape: WhisperShape;
  /** `mel` is `[rows, melBins, 3000]`. */
  encode(mel: Float32Array, rows: number): Promise<EncodedAudio>;
  /** The same audio for several rows (beams, samples at a temperature) or a part of it: row r of the result is `rows[r]`. */
  selectAudio(audio: EncodedAudio, rows: readonly number[]): EncodedAudio;
  /**
   * Starts decoding: one prompt a row of `audio` (or the same number of prompts for each, one after the other: beams),
   * all of one length.
   * Logits are of the tokens at `logitRows` (default: the last): `[rows, logitRows.length, V]`. For no-speech
   * ask for the place of `sot` too; for the language, give `[[sot]]` and look at the last.
   */
  start(
    audio: EncodedAudio,
    prompts: readonly (readonly number[])[],
    logitRows?: readonly number[],
  ): Promise<{ state: DecoderState; logits: Numbers }>;
  /** One more token a row; changes `state` in place. Logits `[rows, 1, V]` of what comes next. */
  step(state: DecoderState, tokens: readonly number[]): Promise<Numbers>;
  /** Keeps the rows named, in that order; a row may be named more than once (beams) or dropped (finished). In place. */
  keepRows(state: DecoderState, rows: readonly number[]): void;
  /**
   * Scores final tokens, one list a row of `audio`, filled up to one length with eot by the caller. Without
   * probabilities (default: with them) the projection to the vocabulary, more than half of the work, is spared.
   */
  align(audio: EncodedAudio, tokens: readonly (readonly number[])[], withProbabilities?: boolean): Promise<AlignedTokens>;
  close(): Promise<void>;
}
