import type { SessionRunner, TensorView } from '../onnx/shared-session.ts';
import { rowsOf } from './whisper-audio.ts';
import type { WhisperShape } from './whisper-interface.ts';
import type { TokenCache } from './whisper-state.ts';

type Views = Record<string, TensorView>;

export interface DecoderOutputs {
  /** `[rows, scored, V]`. */
  logits: Float32Array;
  /** `[rows, A, new, frames]`. */
  qk: Float32Array;
}

/** The new tokens of every row, all of one length, and which of them logits are wanted of. */
export interface NewTokens {
  tokens: readonly (readonly number[])[];
  logitRows: readonly number[];
}

/** Feeds new tokens to the decoder, grows `state` by them and writes what comes of them to `outputs`. */
export function runDecoder(
  decoder: SessionRunner,
  shape: WhisperShape,
  state: TokenCache,
  added: NewTokens,
  outputs: DecoderOutputs,
): void {
  const length = added.tokens[0]?.length ?? 0;
  if (length === 1) {
    runRows(decoder, shape, state, added, outputs, [0, state.rows]);
    state.advance(1);
  } else runRowByRow(decoder, shape, state, added, outputs);
}

/** The graph takes several tokens of one row only, and no more than there are frames. */
function runRowByRow(
  decoder: SessionRunner,
  shape: WhisperShape,
  state: TokenCache,
  { tokens, logitRows }: NewTokens,
  { logits, qk }: DecoderOutputs,
): void {
  const { frames } = state.audio;
  const { vocabulary, alignmentHeads } = shape;
  const added = tokens[0]?.length ?? 0;
  for (let from = 0; from < added; from += frames) {
    const until = Math.min(added, from + frames);
    const places = [...logitRows.keys()].filter((place) => logitRows[place]! >= from && logitRows[place]! < until);
    for (let row = 0; row < state.rows; row++) {
      const part = { tokens: [tokens[row]!.slice(from, until)], logitRows: places.map((place) => logitRows[place]! - from) };
      const size = (until - from) * frames;
      const result = {
        logits: new Float32Array(Math.max(1, places.length) * vocabulary),
        qk: new Float32Array(alignmentHeads.length * size),
      };
      runRows(decoder, shape, state, part, result, [row, row + 1]);
      for (const [index, place] of places.entries()) {
        const one = result.logits.subarray(index * vocabulary, (index + 1) * vocabulary);
        logits.set(one, (row * logitRows.length + place) * vocabulary);
      }
      for (const head of alignmentHeads.keys()) {
        qk.set(result.qk.subarray(head * size, (head + 1) * size), ((row * alignmentHeads.length + head) * added + from) * frames);
      }
    }
    state.advance(until - from);
  }
}

/** Runs rows `[from, until)`; the state grows when its caller says so. */
function runRows(
  decoder: SessionRunner,
  shape: WhisperShape,
  state: TokenCache,
  { tokens, logitRows }: NewTokens,
  { logits, qk }: DecoderOutputs,
  [from, until]: readonly [number, number],
): void {
  const rows = until - from;
  const added = tokens[0]!.length;
  // An empty list of rows is no shape to run.
  const scored = logitRows.length === 0 ? [0] : logitRows;
  const { heads, headSize, vocabulary, alignmentHeads } = shape;
  const inputs: Views = {
    input_ids: toIds(tokens.flat(), [rows, added]),
    positions: toIds(
      tokens[0]!.map((_, index) => state.tokens + index),
      [added],
    ),
    logit_rows: toIds(scored, [scored.length]),
  };
  const outputs: Views = {
    logits: { data: logits, dims: [rows, scored.length, vocabulary] },
    qk: { data: qk, dims: [rows, alignmentHeads.length, added, state.audio.frames] },
  };
  const [past, present] = [state.past(), state.next(added)];
  for (const [index, name] of tokenNames(shape).entries()) {
    const dims = (length: number): number[] => (index % 2 === 0 ? [rows, heads, headSize, length] : [rows, heads, length, headSize]);
    inputs[`past_${name}`] = { data: rowsOf(past[index]!, state.rows, from, rows), dims: dims(state.tokens) };
    outputs[`present_${name}`] = { data: rowsOf(present[index]!, state.rows, from, rows), dims: dims(state.tokens + added) };
  }
  for (const [name, data] of state.audio.tensors()) {
    const view = { data: rowsOf(data, state.rows, from, rows), dims: crossDims(shape, name, rows, state.audio.frames) };
    inputs[name] = view;
    // The operator appends the audio's last frames to the audio, where they lie already.
    if (!isScale(name)) outputs[`present_${name}`] = view;
  }
  decoder.run(inputs, outputs);
}

/** Names of the tokens' tensors: keys are the even ones, stored transposed. */
export function tokenNames({ layers }: WhisperShape): string[] {
  return Array.from({ length: layers }, (_, layer) => [`key_${layer}`, `value_${layer}`]).flat();
}

export function crossDims({ heads, headSize }: WhisperShape, name: string, rows: number, frames: number): number[] {
  return isScale(name) ? [rows, 1, heads * headSize] : [rows, heads, frames, headSize];
}

export function isScale(name: string): boolean {
  return name.endsWith('_scale');
}

function toIds(values: readonly number[], dims: readonly number[]): TensorView {
  return { data: BigInt64Array.from(values, BigInt), dims };
}
