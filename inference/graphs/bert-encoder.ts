import { LecternError } from '../../contracts/errors.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { readFloats } from '../weights/read-floats.ts';
import type { TensorFile } from '../weights/tensor-file.ts';
import { addLinear, type LinearWeights } from './linear.ts';
import { addGelu, addSkipNorm, addSplitHeads, type NormWeights } from './transformer.ts';

/** ONNX's number for float32. */
export const FLOAT = 1;
const MASKED = -10_000;

/** What BERT and the models after its fashion (XLM-RoBERTa) differ in. */
export interface EncoderShape {
  /** Before the names of all weights of the encoder, e.g. `bert.`; `''` where it was saved without a head. */
  prefix: string;
  headSize: number;
  normEpsilon: number;
}

/**
 * BERT's layers (Devlin et al. 2018), normalised after each residual: `[texts, tokens, width]` to the same. Reads the graph's input
 * `attention_mask`. Weights as Hugging Face names them; throws `invalid-input` for others.
 */
export function addEncoderLayers(graph: GraphBuilder, weights: TensorFile, shape: EncoderShape, embedded: string): string {
  const stem = `${shape.prefix}encoder.layer`;
  const penalty = graph.op('Unsqueeze', [addPaddingPenalty(graph), graph.constant('int64', [2], [1, 2])]);
  const layers = weights.names().filter((key) => key.startsWith(`${stem}.`) && /\.\d+\.output\.dense\.weight$/.test(key)).length;
  if (layers === 0) throw new LecternError('invalid-input', `these weights hold no encoder: there is no ${stem}.0`);
  let x = embedded;
  for (let layer = 0; layer < layers; layer++) x = addLayer(graph, weights, shape, `${stem}.${layer}`, x, penalty);
  return x;
}

/** 0 for a token, a large negative number for padding: `[texts, tokens]`. */
export function addPaddingPenalty(graph: GraphBuilder): string {
  const mask = graph.op('Cast', ['attention_mask'], { to: FLOAT });
  const absent = graph.op('Sub', [graph.constant('float32', [], [1]), mask]);
  return graph.op('Mul', [absent, graph.constant('float32', [], [MASKED])]);
}

export function readLinear(weights: TensorFile, name: string): () => LinearWeights {
  return () => ({ ...readMatrix(weights, `${name}.weight`), bias: readFloats(weights, `${name}.bias`).data });
}

export function readMatrix(weights: TensorFile, name: string): LinearWeights {
  const { dims, data } = readFloats(weights, name);
  const [outputs, inputs] = dims;
  if (outputs === undefined || inputs === undefined) throw new LecternError('invalid-input', `the weight ${name} is no matrix`);
  return { weight: data, outputs, inputs };
}

/** Older checkpoints say gamma and beta, newer ones weight and bias. */
export function readNorm(weights: TensorFile, name: string, epsilon: number): NormWeights {
  const old = weights.names().includes(`${name}.gamma`);
  return {
    gamma: readFloats(weights, `${name}.${old ? 'gamma' : 'weight'}`).data,
    beta: readFloats(weights, `${name}.${old ? 'beta' : 'bias'}`).data,
    epsilon,
  };
}

function addLayer(
  graph: GraphBuilder,
  weights: TensorFile,
  { headSize, normEpsilon }: EncoderShape,
  name: string,
  x: string,
  penalty: string,
): string {
  const width = readFloats(weights, `${name}.attention.self.query.bias`).data.length;
  const heads = width / headSize;
  const linear = (part: string): (() => LinearWeights) => readLinear(weights, `${name}.${part}`);
  const project = (part: string): string => addLinear(graph, 'fp32', `${name}.${part}`, x, linear(`attention.self.${part}`));
  const query = addSplitHeads(graph, project('query'), heads, headSize);
  const key = addSplitHeads(graph, project('key'), heads, headSize, true);
  const value = addSplitHeads(graph, project('value'), heads, headSize);
  const scale = graph.constant('float32', [], [1 / Math.sqrt(headSize)]);
  const similarity = graph.op('Add', [graph.op('Mul', [graph.op('MatMul', [query, key]), scale]), penalty]);
  const mixed = graph.op('MatMul', [graph.op('Softmax', [similarity], { axis: -1 }), value]);
  const joined = graph.op('Reshape', [
    graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
    graph.constant('int64', [3], [0, -1, width]),
  ]);
  const attended = addLinear(graph, 'fp32', `${name}.attended`, joined, linear('attention.output.dense'));
  const norm = (part: string): NormWeights => readNorm(weights, `${name}.${part}.LayerNorm`, normEpsilon);
  const { normed } = addSkipNorm(graph, `${name}.attention`, attended, x, norm('attention.output'));
  const inner = addGelu(graph, addLinear(graph, 'fp32', `${name}.inner`, normed, linear('intermediate.dense')));
  const outer = addLinear(graph, 'fp32', `${name}.outer`, inner, linear('output.dense'));
  return addSkipNorm(graph, `${name}.output`, outer, normed, norm('output')).normed;
}
