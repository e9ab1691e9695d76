import { GraphBuilder } from '../onnx/graph-builder.ts';
import { readFloats } from '../weights/read-floats.ts';
import type { TensorFile } from '../weights/tensor-file.ts';
import { sincFilters } from './sinc-filters.ts';

/** Raise with every change of the graph: it names the cached file. */
export const SEGMENTATION_GRAPH_VERSION = 1;

const HIDDEN = 128;
const LSTM_LAYERS = 4;
const CLASSES = 7;
const LEAK = 0.01;
const EPSILON = 1e-5;

/**
 * pyannote segmentation-3.0 (PyanNet: SincNet, four bidirectional LSTMs, two dense layers; Bredin 2023, MIT) as ONNX.
 * `waveform` float32 [batch, 1, samples] -> `log_probabilities` float32 [batch, frames, 7], the classes being the sets of
 * at most two of three local speakers: {}, 0, 1, 2, 01, 02, 12. A frame is 270 samples; the first is centred on 495.
 */
export function buildSegmentationGraph(weights: TensorFile): GraphBuilder {
  const graph = new GraphBuilder('pyannote-segmentation-3.0', { opset: 17 });
  const features = sincNet(graph, weights, graph.input('waveform', 'float32', ['batch', 1, 'samples']));
  let x = graph.op('Transpose', [features], { perm: [2, 0, 1] });
  for (let layer = 0; layer < LSTM_LAYERS; layer++) x = lstm(graph, weights, x, layer);
  x = graph.op('Transpose', [x], { perm: [1, 0, 2] });
  for (const name of ['linear.0', 'linear.1']) {
    x = graph.op('LeakyRelu', [dense(graph, weights, x, name)], { alpha: { float: LEAK } });
  }
  const logits = dense(graph, weights, x, 'classifier');
  graph.node('LogSoftmax', [logits], { axis: -1 }, { outputs: ['log_probabilities'] });
  graph.output('log_probabilities', 'float32', ['batch', 'frames', CLASSES]);
  return graph;
}

function load(graph: GraphBuilder, weights: TensorFile, name: string): string {
  const { dims, data } = readFloats(weights, name);
  return graph.weight(name, 'float32', dims, data);
}

function instanceNorm(graph: GraphBuilder, weights: TensorFile, x: string, name: string): string {
  const inputs = [x, load(graph, weights, `${name}.weight`), load(graph, weights, `${name}.bias`)];
  return graph.op('InstanceNormalization', inputs, { epsilon: { float: EPSILON } });
}

function sincNet(graph: GraphBuilder, weights: TensorFile, waveform: string): string {
  let x = instanceNorm(graph, weights, waveform, 'sincnet.wav_norm1d');
  const bank = 'sincnet.conv1d.0.filterbank';
  const filters = sincFilters({
    lowHz: readFloats(weights, `${bank}.low_hz_`).data,
    bandHz: readFloats(weights, `${bank}.band_hz_`).data,
    window: readFloats(weights, `${bank}.window_`).data,
    time: readFloats(weights, `${bank}.n_`).data,
  });
  const sinc = graph.weight('sincnet.filters', 'float32', filters.dims, filters.data);
  for (let layer = 0; layer < 3; layer++) {
    if (layer === 0) {
      x = graph.op('Abs', [graph.op('Conv', [x, sinc], { kernel_shape: [filters.taps], strides: [10] })]);
    } else {
      const name = `sincnet.conv1d.${layer}`;
      const inputs = [x, load(graph, weights, `${name}.weight`), load(graph, weights, `${name}.bias`)];
      x = graph.op('Conv', inputs, { kernel_shape: [5] });
    }
    x = graph.op('MaxPool', [x], { kernel_shape: [3], strides: [3] });
    x = graph.op('LeakyRelu', [instanceNorm(graph, weights, x, `sincnet.norm1d.${layer}`)], { alpha: { float: LEAK } });
  }
  return x;
}

/** One bidirectional layer: [frames, batch, in] -> [frames, batch, 2 x 128]. */
function lstm(graph: GraphBuilder, weights: TensorFile, x: string, layer: number): string {
  const both = (part: string): Float32Array[] =>
    ['', '_reverse'].map((direction) => toOnnxGates(readFloats(weights, `lstm.${part}_l${layer}${direction}`).data));
  const inputWeights = concat(both('weight_ih'));
  const inputSize = inputWeights.length / (2 * 4 * HIDDEN);
  const [forwardInput, backwardInput] = both('bias_ih');
  const [forwardHidden, backwardHidden] = both('bias_hh');
  const biases = concat([forwardInput, forwardHidden, backwardInput, backwardHidden].filter((part) => part !== undefined));
  const name = `lstm.${layer}`;
  const inputs = [
    x,
    graph.weight(`${name}.w`, 'float32', [2, 4 * HIDDEN, inputSize], inputWeights),
    graph.weight(`${name}.r`, 'float32', [2, 4 * HIDDEN, HIDDEN], concat(both('weight_hh'))),
    graph.weight(`${name}.b`, 'float32', [2, 8 * HIDDEN], biases),
  ];
  const y = graph.op('LSTM', inputs, { hidden_size: HIDDEN, direction: 'bidirectional' });
  const sideBySide = graph.op('Transpose', [y], { perm: [0, 2, 1, 3] });
  return graph.op('Reshape', [sideBySide, graph.constant('int64', [3], [0, 0, 2 * HIDDEN])]);
}

/** torch stacks the gates as input, forget, cell, output; ONNX as input, output, forget, cell. */
function toOnnxGates(stacked: Float32Array): Float32Array {
  const size = stacked.length / 4;
  const gate = (index: number): Float32Array => stacked.subarray(index * size, (index + 1) * size);
  return concat([gate(0), gate(3), gate(1), gate(2)]);
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function dense(graph: GraphBuilder, weights: TensorFile, x: string, name: string): string {
  const weight = graph.op('Transpose', [load(graph, weights, `${name}.weight`)], { perm: [1, 0] });
  return graph.op('Add', [graph.op('MatMul', [x, weight]), load(graph, weights, `${name}.bias`)]);
}
