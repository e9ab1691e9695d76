/**
 * Whisper as two ONNX graphs, and the calls that hide their tensors. Written by `buildWhisperGraphs`
 * (`whisper.ts`) from a CTranslate2 or Hugging Face checkpoint, run inside an engine worker by `createWhisperModel` (`whisper-model.ts`).
 *
 * `b` rows (windows, or beams) run side by side and all rows of one call have the same length. L layers, H heads,
 * D = 64 per head, V the vocabulary, T the tokens decoded so far, n new ones, A alignment heads, F encoder frames of 20 ms
 * (1500 for 30 s, fewer where every window is shorter).
 * Keys of tokens are stored transposed, `[..., D, length]`, so that a one-token step reads them in the order they lie.
 *
 * encoder.onnx
 *   in  mel                float32 [b, 80|128, 2F]     log-mel as Whisper normalises it, zero audio where short
 *   out cross_key_{i}      int8 [b, H, F, D]           for each decoder layer i; float32 in a float32 model
 *   out cross_value_{i}    int8 [b, H, F, D]
 *   out cross_key_{i}_scale, cross_value_{i}_scale     float32 [b, 1, H D], what a code counts; int8 only
 * decoder.onnx             n > 1 needs b = 1 and n <= F
 *   in  input_ids          int64   [b, n]
 *   in  positions          int64   [n]                 T .. T+n-1, the same for all rows
 *   in  logit_rows         int64   [k]                 which of the n tokens to give logits for, 0 .. n-1
 *   in  past_key_{i}       float32 [b, H, D, T]        T may be 0
 *   in  past_value_{i}     float32 [b, H, T, D]
 *   in  cross_...                                      as the encoder gives them
 *   out logits             float32 [b, k, V]           raw, nothing suppressed
 *   out qk                 float32 [b, A, n, F]        scaled cross-attention scores before the softmax, of the
 *                                                      alignment heads in the order of config.json
 *   out present_key_{i}    float32 [b, H, D, T+n]
 *   out present_value_{i}  float32 [b, H, T+n, D]
 *   out present_cross_...  as cross_...                must be given the very memory of cross_...: see `whisper-cross.ts`
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
  /** Whether the audio's keys and values are int8. */
  quantized: boolean;
  /** `[layer, head]` of each row of `qk`. */
  alignmentHeads: [layer: number, head: number][];
}

/** Mel frames of a window, and encoder frames (20 ms each) that come of them. */
export const WHISPER_MEL_FRAMES = 3000;
export const WHISPER_AUDIO_FRAMES = 1500;

/** Cross-attention keys and values of `rows` windows. Opaque, large (1.5 MB a row and layer for base), and gone with the next `encode`. */
export interface EncodedAudio {
  readonly rows: number;
}

/** Rows in the midst of decoding: their tokens' keys and values, and the audio they attend to. */
export interface DecoderState {
  readonly rows: number;
  /** Tokens of each row so far, prompt included. */
  readonly tokens: number;
}

/** Row-major numbers: `data[((row * dims[1]) + ...)]`. */
export interface Numbers {
  data: Float32Array;
  dims: readonly number[];
}

/** All calls block the thread while they run, and none may overlap another. */
export interface WhisperModel {
  readonly shape: WhisperShape;
  /** `mel` is `[rows, melBins, 2 F]` of at most 3000 frames: shorter windows take less time here and at every step. */
  encode(mel: Float32Array, rows: number): Promise<EncodedAudio>;
  /** The same audio for several rows (beams, samples at a temperature) or a part of it: row r of the result is `rows[r]`. */
  selectAudio(audio: EncodedAudio, rows: readonly number[]): EncodedAudio;
  /**
   * Starts decoding: one prompt a row of `audio` (or the same number of prompts for each, one after the other: beams),
   * all of one length.
   * Logits are of the tokens at `logitRows` (default: the last): `[rows, logitRows.length, V]`. For no-speech
   * ask for the place of `sot` too; for the language, give `[[sot]]` and look at the last. They are good until the next call.
   */
  start(
    audio: EncodedAudio,
    prompts: readonly (readonly number[])[],
    logitRows?: readonly number[],
  ): Promise<{ state: DecoderState; logits: Numbers }>;
  /** One more token a row; changes `state` in place. Logits `[rows, 1, V]` of what comes next, good until the next call. */
  step(state: DecoderState, tokens: readonly number[]): Promise<Numbers>;
  /** Keeps the rows named, in that order; a row may be named more than once (beams) or dropped (finished). In place. */
  keepRows(state: DecoderState, rows: readonly number[]): void;
  /**
   * What each row listened to while the last `start` or `step` read its tokens: `[rows, A, tokens, F]`.
   */
  attention(state: DecoderState): Numbers;
  /** The same for final tokens, one list a row of `audio`, filled up to one length with eot by the caller: `[rows, A, n, F]`. */
  align(audio: EncodedAudio, tokens: readonly (readonly number[])[]): Promise<Numbers>;
}
