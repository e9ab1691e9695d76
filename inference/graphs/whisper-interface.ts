/**
 * Whisper as two ONNX graphs, and the calls that hide their tensors. Written by `buildWhisperGraphs`
 * (`whisper.ts`) from a CTranslate2 or Hugging Face checkpoint, opened inside an engine worker by `openWhisperModel` (`whisper-model.ts`).
 *
 * `b` rows (windows, or beams) run side by side and all rows of one call have the same length. L layers, H heads,
 * D = 64 per head, V the vocabulary, T the tokens decoded so far, n new ones, A alignment heads. `a` recordings are
 * listened to, each by b / a rows that follow one another (beams share the audio's tensors), F encoder frames of 20 ms
 * (1500 for 30 s, fewer where every window is shorter).
 * Keys are stored transposed, `[..., D, length]`, so that a one-token step reads them in the order they lie.
 *
 * encoder.onnx
 *   in  mel                float32 [b, 80|128, 2F]     log-mel as Whisper normalises it, zero audio where short
 *   out cross_key_{i}      float32 [b, H, D, F]        for each decoder layer i
 *   out cross_value_{i}    float32 [b, H, F, D]
 * decoder.onnx
 *   in  input_ids          int64   [b, n]
 *   in  positions          int64   [n]                 T .. T+n-1, the same for all rows
 *   in  logit_rows         int64   [k]                 which of the n tokens to give logits for, 0 .. n-1
 *   in  past_key_{i}       float32 [b, H, D, T]        T may be 0
 *   in  past_value_{i}     float32 [b, H, T, D]
 *   in  cross_key_{i}      float32 [a, H, D, F]
 *   in  cross_value_{i}    float32 [a, H, F, D]
 *   out logits             float32 [b, k, V]           raw, nothing suppressed
 *   out qk                 float32 [a, A, (b/a) n, F]   scaled cross-attention scores before the softmax, of the
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

/** Cross-attention keys and values of `rows` windows. Opaque, large (6 MB a row and layer for base), and gone with the next `encode`. */
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
   * What the last `start` or `step` listened to while it read its tokens: `[audio rows, A, tokens, F]`, where the tokens of all rows
   * that share an audio follow one another.
   */
  attention(state: DecoderState): Numbers;
  /** The same for final tokens, one list a row of `audio`, filled up to one length with eot by the caller: `[rows, A, n, F]`. */
  align(audio: EncodedAudio, tokens: readonly (readonly number[])[]): Promise<Numbers>;
  close(): Promise<void>;
}
