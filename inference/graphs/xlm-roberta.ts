import { LecternError } from '../../contracts/errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { readFloats } from '../weights/read-floats.ts';
import type { TensorFile } from '../weights/tensor-file.ts';
import { addEncoderLayers, readLinear, readMatrix, readNorm } from './bert-encoder.ts';
import { addLinear, type LinearWeights } from './linear.ts';
import { addNorm } from './transformer.ts';

/** Raise with every change of a graph: it names the cached file. */
export const XLM_ROBERTA_GRAPH_VERSION = 1;

/** What the weights do not say themselves: of `config.json`. */
export interface XlmRobertaShape {
  width: number;
  heads: number;
  normEpsilon: number;
  /** Positions are counted from the number after it (fairseq's habit). */
  paddingId: number;
}

/**
 * XLM-RoBERTa (Conneau et al. 2020) with the heads of BGE-M3 (Chen et al. 2024). Inputs `input_ids`, `attention_mask` int64 `[texts,
 * tokens]`, and `token_type_ids`, which is not looked at: there is one type. -> `embeddings` float32 `[texts, width]`, the first token's
 * last hidden state made unit length, and `token_weights` float32 `[texts, tokens, 1]`, `relu(linear(hidden))` by `sparse`, the weights
 * of `sparse_linear.pt`. Weights as Hugging Face names them. Throws `invalid-input` for others.
 */
export function buildBgeM3Graph(weights: TensorFile, sparse: TensorFile, shape: XlmRobertaShape): GraphBuilder {
  const { graph, hidden } = startXlmRoberta('bge-m3', weights, shape);
  graph.node('LpNormalization', [addFirstToken(graph, hidden)], { axis: 1, p: 2 }, { outputs: ['embeddings'] });
  graph.output('embeddings', 'float32', ['texts', shape.width]);
  const head = (): LinearWeights => ({ ...readMatrix(sparse, 'weight'), bias: readFloats(sparse, 'bias').data });
  const { inputs, outputs } = head();
  if (inputs !== shape.width || outputs !== 1) {
    throw new LecternError('invalid-input', `the sparse head is ${outputs} x ${inputs}, where the model needs 1 x ${shape.width}`);
  }
  graph.node('Relu', [addLinear(graph, 'fp32', 'sparse', hidden, head)], {}, { outputs: ['token_weights'] });
  graph.output('token_weights', 'float32', ['texts', 'tokens', 1]);
  return graph;
}

/**
 * XLM-RoBERTa with a classifier of one score over the first token, such as bge-reranker-v2-m3. Inputs as above, a pair of texts in each
 * row -> `scores` float32 `[texts, 1]`, higher is more relevant.
 */
export function buildXlmRobertaCrossEncoderGraph(weights: TensorFile, shape: XlmRobertaShape): GraphBuilder {
  const { graph, hidden } = startXlmRoberta('cross-encoder', weights, shape);
  const first = addFirstToken(graph, hidden);
  const dense = graph.op('Tanh', [addLinear(graph, 'fp32', 'classifier.dense', first, readLinear(weights, 'classifier.dense'))]);
  const score = addLinear(graph, 'fp32', 'classifier.out', dense, readLinear(weights, 'classifier.out_proj'));
  graph.node('Identity', [score], {}, { outputs: ['scores'] });
  graph.output('scores', 'float32', ['texts', 1]);
  return graph;
}

function startXlmRoberta(name: string, weights: TensorFile, shape: XlmRobertaShape): { graph: GraphBuilder; hidden: string } {
  const graph = new GraphBuilder(name, { opset: 17, extraDomains: { 'com.microsoft': 1 } });
  graph.input('input_ids', 'int64', ['texts', 'tokens']);
  graph.input('attention_mask', 'int64', ['texts', 'tokens']);
  graph.input('token_type_ids', 'int64', ['texts', 'tokens']);
  // A model that was saved with its head says whose the encoder's weights are.
  const prefix = weights.names().some((key) => key.startsWith('roberta.')) ? 'roberta.' : '';
  const embedded = addEmbeddings(graph, weights, prefix, shape);
  const encoder = { prefix, headSize: shape.width / shape.heads, normEpsilon: shape.normEpsilon };
  return { graph, hidden: addEncoderLayers(graph, weights, encoder, embedded) };
}

function addEmbeddings(
  graph: GraphBuilder,
  weights: TensorFile,
  prefix: string,
  { width, normEpsilon, paddingId }: XlmRobertaShape,
): string {
  const table = (part: string): string => {
    const key = `${prefix}embeddings.${part}_embeddings.weight`;
    const dims = weights.dims(key);
    if (dims[1] !== width)
      throw new LecternError('invalid-input', `the weight ${key} is ${dims.join(' x ')}, config.json says ${width} wide`);
    // A gigabyte of words: read when it is written.
    return graph.weight(`embeddings.${part}`, 'float32', dims, () => readFloats(weights, key).data);
  };
  const tokens = graph.op('Gather', [graph.op('Shape', ['input_ids']), graph.constant('int64', [], [1])]);
  const first = graph.constant('int64', [], [paddingId + 1]);
  const positions = graph.op('Range', [first, graph.op('Add', [tokens, first]), graph.constant('int64', [], [1])]);
  const words = graph.op('Gather', [table('word'), 'input_ids']);
  const type = graph.op('Gather', [table('token_type'), graph.constant('int64', [], [0])]);
  const sum = graph.op('Add', [graph.op('Add', [words, type]), graph.op('Gather', [table('position'), positions])]);
  return addNorm(graph, 'embeddings.norm', sum, readNorm(weights, `${prefix}embeddings.LayerNorm`, normEpsilon));
}

/** `[texts, tokens, width]` to `[texts, width]`. */
function addFirstToken(graph: GraphBuilder, hidden: string): string {
  return graph.op('Gather', [hidden, graph.constant('int64', [], [0])], { axis: 1 });
}
