import { LecternError } from '../../contracts/errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { readFloats } from '../weights/read-floats.ts';
import type { TensorFile } from '../weights/tensor-file.ts';
import { addLinear, type LinearWeights } from './linear.ts';
import { addGelu, addNorm, addSkipNorm, addSplitHeads, type NormWeights } from './transformer.ts';

/** Raise with every change of a graph: it names the cached file. */
export const BERT_GRAPH_VERSION = 1;

/** Every published BERT has heads of 64. */
const HEAD_SIZE = 64;
const NORM_EPSILON = 1e-12;
const MASKED = -10_000;
/** ONNX's number for float32. */
const FLOAT = 1;

/**
 * BERT with its masked-language-model head as SPLADE reads it (Formal et al. 2021). Inputs `input_ids`, `attention_mask`,
 * `token_type_ids` int64 `[texts, tokens]` -> `weights` float32 `[texts, vocabulary]`: `log(1 + relu(logit))`, the
 * largest over the tokens that are no padding. Weights as Hugging Face names them. Throws `invalid-input` for others.
 */
export function buildSpladeGraph(weights: TensorFile): GraphBuilder {
  const { graph, hidden } = startBert('splade', weights);
  const transform = linear(weights, 'cls.predictions.transform.dense');
  let x = addGelu(graph, addLinear(graph, 'fp32', 'mlm.transform', hidden, transform));
  x = addNorm(graph, 'mlm.norm', x, norm(weights, 'cls.predictions.transform.LayerNorm'));
  // The decoder shares the word embeddings' matrix.
  const decoder = (): LinearWeights => ({
    ...matrix(weights, 'bert.embeddings.word_embeddings.weight'),
    bias: readFloats(weights, 'cls.predictions.bias').data,
  });
  const logits = addLinear(graph, 'fp32', 'mlm.decoder', x, decoder);
  // The logarithm grows with its argument: the largest logit gives the largest weight, and is found without it.
  const penalty = graph.op('Unsqueeze', [addPaddingPenalty(graph), graph.constant('int64', [1], [2])]);
  const largest = graph.op('ReduceMax', [graph.op('Add', [logits, penalty])], { axes: [1], keepdims: 0 });
  const one = graph.constant('float32', [], [1]);
  graph.node('Log', [graph.op('Add', [graph.op('Relu', [largest]), one])], {}, { outputs: ['weights'] });
  graph.output('weights', 'float32', ['texts', 'vocabulary']);
  return graph;
}

/**
 * BERT as a sentence embedder (Reimers and Gurevych 2019): the mean of the last hidden states over the tokens that are no
 * padding, made unit length. Inputs as above -> `embeddings` float32 `[texts, width]`.
 */
export function buildEmbeddingGraph(weights: TensorFile): GraphBuilder {
  const { graph, hidden } = startBert('embedding', weights);
  const mask = graph.op('Unsqueeze', [graph.op('Cast', ['attention_mask'], { to: FLOAT }), graph.constant('int64', [1], [2])]);
  const tokenAxis = graph.constant('int64', [1], [1]);
  const sum = graph.op('ReduceSum', [graph.op('Mul', [hidden, mask]), tokenAxis], { keepdims: 0 });
  // The length is divided out, and with it the number of tokens.
  graph.node('LpNormalization', [sum], { axis: 1, p: 2 }, { outputs: ['embeddings'] });
  graph.output('embeddings', 'float32', ['texts', 'width']);
  return graph;
}

/**
 * BERT with a classifier of one score over the pooled first token: a cross-encoder (Nogueira and Cho 2019). Inputs as
 * above, a pair of texts in each row -> `scores` float32 `[texts, 1]`, higher is more relevant.
 */
export function buildCrossEncoderGraph(weights: TensorFile): GraphBuilder {
  const { graph, hidden } = startBert('cross-encoder', weights);
  const first = graph.op('Gather', [hidden, graph.constant('int64', [], [0])], { axis: 1 });
  const pooled = graph.op('Tanh', [addLinear(graph, 'fp32', 'pooler', first, linear(weights, 'bert.pooler.dense'))]);
  const score = addLinear(graph, 'fp32', 'classifier', pooled, linear(weights, 'classifier'));
  graph.node('Identity', [score], {}, { outputs: ['scores'] });
  graph.output('scores', 'float32', ['texts', 1]);
  return graph;
}

function startBert(name: string, weights: TensorFile): { graph: GraphBuilder; hidden: string } {
  const graph = new GraphBuilder(name, { opset: 17, extraDomains: { 'com.microsoft': 1 } });
  const ids = graph.input('input_ids', 'int64', ['texts', 'tokens']);
  graph.input('attention_mask', 'int64', ['texts', 'tokens']);
  const typeIds = graph.input('token_type_ids', 'int64', ['texts', 'tokens']);
  let x = addEmbeddings(graph, weights, ids, typeIds);
  const penalty = graph.op('Unsqueeze', [addPaddingPenalty(graph), graph.constant('int64', [2], [1, 2])]);
  const layers = weights.names().filter((key) => /^bert\.encoder\.layer\.\d+\.output\.dense\.weight$/.test(key)).length;
  if (layers === 0) throw new LecternError('invalid-input', 'these weights hold no BERT: there is no bert.encoder.layer.0');
  for (let layer = 0; layer < layers; layer++) x = addLayer(graph, weights, `bert.encoder.layer.${layer}`, x, penalty);
  return { graph, hidden: x };
}

/** 0 for a token, a large negative number for padding: `[texts, tokens]`. */
function addPaddingPenalty(graph: GraphBuilder): string {
  const mask = graph.op('Cast', ['attention_mask'], { to: FLOAT });
  const absent = graph.op('Sub', [graph.constant('float32', [], [1]), mask]);
  return graph.op('Mul', [absent, graph.constant('float32', [], [MASKED])]);
}

function addEmbeddings(graph: GraphBuilder, weights: TensorFile, ids: string, typeIds: string): string {
  const table = (part: string): string => {
    const { dims, data } = readFloats(weights, `bert.embeddings.${part}_embeddings.weight`);
    return graph.weight(`embeddings.${part}`, 'float32', dims, data);
  };
  const tokens = graph.op('Gather', [graph.op('Shape', [ids]), graph.constant('int64', [], [1])]);
  const [zero, one] = [graph.constant('int64', [], [0]), graph.constant('int64', [], [1])];
  const positions = graph.op('Gather', [table('position'), graph.op('Range', [zero, tokens, one])]);
  const words = graph.op('Gather', [table('word'), ids]);
  const types = graph.op('Gather', [table('token_type'), typeIds]);
  const sum = graph.op('Add', [graph.op('Add', [words, types]), positions]);
  return addNorm(graph, 'embeddings.norm', sum, norm(weights, 'bert.embeddings.LayerNorm'));
}

function addLayer(graph: GraphBuilder, weights: TensorFile, name: string, x: string, penalty: string): string {
  const width = readFloats(weights, `${name}.attention.self.query.bias`).data.length;
  const heads = width / HEAD_SIZE;
  const project = (part: string): string =>
    addLinear(graph, 'fp32', `${name}.${part}`, x, linear(weights, `${name}.attention.self.${part}`));
  const query = addSplitHeads(graph, project('query'), heads, HEAD_SIZE);
  const key = addSplitHeads(graph, project('key'), heads, HEAD_SIZE, true);
  const value = addSplitHeads(graph, project('value'), heads, HEAD_SIZE);
  const scale = graph.constant('float32', [], [1 / Math.sqrt(HEAD_SIZE)]);
  const similarity = graph.op('Add', [graph.op('Mul', [graph.op('MatMul', [query, key]), scale]), penalty]);
  const mixed = graph.op('MatMul', [graph.op('Softmax', [similarity], { axis: -1 }), value]);
  const joined = graph.op('Reshape', [
    graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
    graph.constant('int64', [3], [0, -1, width]),
  ]);
  const attended = addLinear(graph, 'fp32', `${name}.attended`, joined, linear(weights, `${name}.attention.output.dense`));
  const { normed } = addSkipNorm(graph, `${name}.attention`, attended, x, norm(weights, `${name}.attention.output.LayerNorm`));
  const inner = addGelu(graph, addLinear(graph, 'fp32', `${name}.inner`, normed, linear(weights, `${name}.intermediate.dense`)));
  const outer = addLinear(graph, 'fp32', `${name}.outer`, inner, linear(weights, `${name}.output.dense`));
  return addSkipNorm(graph, `${name}.output`, outer, normed, norm(weights, `${name}.output.LayerNorm`)).normed;
}

function linear(weights: TensorFile, name: string): () => LinearWeights {
  return () => ({ ...matrix(weights, `${name}.weight`), bias: readFloats(weights, `${name}.bias`).data });
}

function matrix(weights: TensorFile, name: string): LinearWeights {
  const { dims, data } = readFloats(weights, name);
  const [outputs, inputs] = dims;
  if (outputs === undefined || inputs === undefined) throw new LecternError('invalid-input', `the weight ${name} is no matrix`);
  return { weight: data, outputs, inputs };
}

/** Older checkpoints say gamma and beta, newer ones weight and bias. */
function norm(weights: TensorFile, name: string): NormWeights {
  const old = weights.names().includes(`${name}.gamma`);
  return {
    gamma: readFloats(weights, `${name}.${old ? 'gamma' : 'weight'}`).data,
    beta: readFloats(weights, `${name}.${old ? 'beta' : 'bias'}`).data,
    epsilon: NORM_EPSILON,
  };
}
