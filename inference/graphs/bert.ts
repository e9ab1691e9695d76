import { GraphBuilder } from '../onnx/graph-builder.ts';
import { readFloats } from '../weights/read-floats.ts';
import type { TensorFile } from '../weights/tensor-file.ts';
import { addEncoderLayers, addPaddingPenalty, FLOAT, readLinear, readMatrix, readNorm } from './bert-encoder.ts';
import { addLinear, type LinearWeights } from './linear.ts';
import { addGelu, addNorm } from './transformer.ts';

/** Raise with every change of a graph: it names the cached file. */
export const BERT_GRAPH_VERSION = 1;

/** Every published BERT has heads of 64. */
const HEAD_SIZE = 64;
const NORM_EPSILON = 1e-12;

/**
 * BERT with its masked-language-model head as SPLADE reads it (Formal et al. 2021). Inputs `input_ids`, `attention_mask`,
 * `token_type_ids` int64 `[texts, tokens]` -> `weights` float32 `[texts, vocabulary]`: `log(1 + relu(logit))`, the
 * largest over the tokens that are no padding. Weights as Hugging Face names them. Throws `invalid-input` for others.
 */
export function buildSpladeGraph(weights: TensorFile): GraphBuilder {
  const { graph, hidden } = startBert('splade', weights);
  const transform = readLinear(weights, 'cls.predictions.transform.dense');
  let x = addGelu(graph, addLinear(graph, 'fp32', 'mlm.transform', hidden, transform));
  x = addNorm(graph, 'mlm.norm', x, readNorm(weights, 'cls.predictions.transform.LayerNorm', NORM_EPSILON));
  // The decoder shares the word embeddings' matrix.
  const decoder = (): LinearWeights => ({
    ...readMatrix(weights, 'bert.embeddings.word_embeddings.weight'),
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
  const pooled = graph.op('Tanh', [addLinear(graph, 'fp32', 'pooler', first, readLinear(weights, 'bert.pooler.dense'))]);
  const score = addLinear(graph, 'fp32', 'classifier', pooled, readLinear(weights, 'classifier'));
  graph.node('Identity', [score], {}, { outputs: ['scores'] });
  graph.output('scores', 'float32', ['texts', 1]);
  return graph;
}

function startBert(name: string, weights: TensorFile): { graph: GraphBuilder; hidden: string } {
  const graph = new GraphBuilder(name, { opset: 17, extraDomains: { 'com.microsoft': 1 } });
  const ids = graph.input('input_ids', 'int64', ['texts', 'tokens']);
  graph.input('attention_mask', 'int64', ['texts', 'tokens']);
  const typeIds = graph.input('token_type_ids', 'int64', ['texts', 'tokens']);
  const embedded = addEmbeddings(graph, weights, ids, typeIds);
  const shape = { prefix: 'bert.', headSize: HEAD_SIZE, normEpsilon: NORM_EPSILON };
  return { graph, hidden: addEncoderLayers(graph, weights, shape, embedded) };
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
  return addNorm(graph, 'embeddings.norm', sum, readNorm(weights, 'bert.embeddings.LayerNorm', NORM_EPSILON));
}
