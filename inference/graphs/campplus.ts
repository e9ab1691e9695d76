import { GraphBuilder } from '../onnx/graph-builder.ts';
import { readFloats } from '../weights/read-floats.ts';
import type { TensorFile } from '../weights/tensor-file.ts';

/** Raise with every change of the graph: it names the cached file. */
export const CAMPPLUS_GRAPH_VERSION = 1;

const CAMPPLUS_DIMENSIONS = 192;
/** Frames of the network (20 ms) whose mean a frame's context is, beside the mean of all. */
const CAMPPLUS_CONTEXT_FRAMES = 100;

const EPSILON = 1e-5;
/** Layers and dilation of the three dense blocks. */
const BLOCKS = [
  { layers: 12, dilation: 1 },
  { layers: 24, dilation: 2 },
  { layers: 16, dilation: 2 },
] as const;
const HEAD_CHANNELS = 320;
const CHANNELS = 512;

/**
 * CAM++ (3D-Speaker; Wang et al. 2023, arXiv 2303.00332; Apache-2.0) as ONNX. `fbank` float32 [batch, frames, 80], mean
 * normalised, -> `embedding` float32 [batch, 192], not yet of unit length. A frame of the network is two of `fbank`.
 *
 * The context-aware masking needs the mean of all frames plus the mean of each stretch of 100. Both are one matrix product
 * with `context` [network frames, stretches], undone by `spread` [stretches, network frames] (`campPlusContext`): the gate is
 * computed once a stretch, not once a frame, for the same result.
 */
export function buildCampPlusGraph(weights: TensorFile): GraphBuilder {
  const net = new CampPlusNet(weights);
  const fbank = net.graph.input('fbank', 'float32', ['batch', 'frames', 80]);
  const context = net.graph.input('context', 'float32', ['network_frames', 'stretches']);
  const spread = net.graph.input('spread', 'float32', ['stretches', 'network_frames']);
  let x = net.head(net.graph.op('Transpose', [fbank], { perm: [0, 2, 1] }));
  x = net.convRelu(x, 'xvector.tdnn.linear', 'xvector.tdnn.nonlinear.batchnorm', {
    kernel_shape: [5],
    strides: [2],
    pads: [2, 2],
  });
  for (const [index, { layers, dilation }] of BLOCKS.entries()) {
    for (let layer = 1; layer <= layers; layer++) {
      const name = `xvector.block${index + 1}.tdnnd${layer}`;
      x = net.graph.op('Concat', [x, net.denseLayer(x, name, dilation, context, spread)], { axis: 1 });
    }
    const transit = `xvector.transit${index + 1}`;
    x = net.graph.op('Conv', [net.normRelu(x, `${transit}.nonlinear.batchnorm`), net.load(`${transit}.linear.weight`)]);
  }
  net.pool(net.normRelu(x, 'xvector.out_nonlinear.batchnorm'));
  net.graph.output('embedding', 'float32', ['batch', CAMPPLUS_DIMENSIONS]);
  return net.graph;
}

/** The matrices that `context` and `spread` of the graph expect for a number of fbank frames. */
export function campPlusContext(fbankFrames: number): {
  networkFrames: number;
  stretches: number;
  context: Float32Array;
  spread: Float32Array;
} {
  const networkFrames = Math.ceil(fbankFrames / 2);
  const stretches = Math.ceil(networkFrames / CAMPPLUS_CONTEXT_FRAMES);
  const context = new Float32Array(networkFrames * stretches).fill(1 / networkFrames);
  const spread = new Float32Array(stretches * networkFrames);
  for (let frame = 0; frame < networkFrames; frame++) {
    const stretch = Math.floor(frame / CAMPPLUS_CONTEXT_FRAMES);
    const length = Math.min(CAMPPLUS_CONTEXT_FRAMES, networkFrames - stretch * CAMPPLUS_CONTEXT_FRAMES);
    context[frame * stretches + stretch] = 1 / networkFrames + 1 / length;
    spread[stretch * networkFrames + frame] = 1;
  }
  return { networkFrames, stretches, context, spread };
}

type Attributes = Record<string, number[]>;

class CampPlusNet {
  readonly graph = new GraphBuilder('campplus', { opset: 17 });
  readonly #weights: TensorFile;

  constructor(weights: TensorFile) {
    this.#weights = weights;
  }

  load(name: string): string {
    const { dims, data } = readFloats(this.#weights, name);
    return this.graph.weight(name, 'float32', dims, data);
  }

  /** The front end of 2-D convolutions: [batch, 80, frames] -> [batch, 320, frames]. */
  head(x: string): string {
    const image = this.graph.op('Unsqueeze', [x, this.graph.constant('int64', [1], [1])]);
    let y = this.convRelu(image, 'head.conv1', 'head.bn1', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    for (const layer of ['head.layer1', 'head.layer2']) {
      y = this.#residual(y, `${layer}.0`, 2);
      y = this.#residual(y, `${layer}.1`, 1);
    }
    y = this.convRelu(y, 'head.conv2', 'head.bn2', { kernel_shape: [3, 3], strides: [2, 1], pads: [1, 1, 1, 1] });
    return this.graph.op('Reshape', [y, this.graph.constant('int64', [3], [0, HEAD_CHANNELS, -1])]);
  }

  /** One layer of a dense block: what it adds to its input's channels. */
  denseLayer(x: string, name: string, dilation: number, context: string, spread: string): string {
    const bottleneck = this.convRelu(
      this.normRelu(x, `${name}.nonlinear1.batchnorm`),
      `${name}.linear1`,
      `${name}.nonlinear2.batchnorm`,
      {},
    );
    const local = this.graph.op('Conv', [bottleneck, this.load(`${name}.cam_layer.linear_local.weight`)], {
      kernel_shape: [3],
      pads: [dilation, dilation],
      dilations: [dilation],
    });
    const means = this.graph.op('MatMul', [bottleneck, context]);
    const squeezed = this.graph.op('Relu', [this.#biasedConv(means, `${name}.cam_layer.linear1`)]);
    const gate = this.graph.op('Sigmoid', [this.#biasedConv(squeezed, `${name}.cam_layer.linear2`)]);
    return this.graph.op('Mul', [local, this.graph.op('MatMul', [gate, spread])]);
  }

  /** Mean and standard deviation over time, then the embedding. */
  pool(x: string): void {
    const { graph } = this;
    const mean = graph.op('ReduceMean', [x], { axes: [2], keepdims: 1 });
    const centred = graph.op('Sub', [x, mean]);
    const squares = graph.op('ReduceSum', [graph.op('Mul', [centred, centred]), graph.constant('int64', [1], [2])], { keepdims: 1 });
    // torch's unbiased standard deviation divides by n - 1.
    const frames = graph.op('Cast', [graph.op('Gather', [graph.op('Shape', [x]), graph.constant('int64', [], [2])])], { to: 1 });
    const variance = graph.op('Div', [squares, graph.op('Sub', [frames, graph.constant('float32', [], [1])])]);
    const statistics = graph.op('Concat', [mean, graph.op('Sqrt', [variance])], { axis: 1 });
    const flat = graph.op('Reshape', [statistics, graph.constant('int64', [2], [0, 2 * CHANNELS])]);
    const { weight, bias } = this.#folded('xvector.dense.linear', 'xvector.dense.nonlinear.batchnorm');
    const matrix = graph.weight('xvector.dense.weight', 'float32', [CAMPPLUS_DIMENSIONS, 2 * CHANNELS], weight);
    graph.node(
      'Gemm',
      [flat, matrix, graph.weight('xvector.dense.bias', 'float32', [CAMPPLUS_DIMENSIONS], bias)],
      { transB: 1 },
      {
        outputs: ['embedding'],
      },
    );
  }

  normRelu(x: string, name: string): string {
    const inputs = [x, ...['weight', 'bias', 'running_mean', 'running_var'].map((part) => this.load(`${name}.${part}`))];
    return this.graph.op('Relu', [this.graph.op('BatchNormalization', inputs, { epsilon: { float: EPSILON } })]);
  }

  convRelu(x: string, conv: string, norm: string, attributes: Attributes): string {
    return this.graph.op('Relu', [this.#normedConv(x, conv, norm, attributes)]);
  }

  #residual(x: string, name: string, stride: number): string {
    const strided = { strides: [stride, 1] };
    const padded = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
    const first = this.convRelu(x, `${name}.conv1`, `${name}.bn1`, { ...padded, ...strided });
    const second = this.#normedConv(first, `${name}.conv2`, `${name}.bn2`, padded);
    const shortcut = stride === 1 ? x : this.#normedConv(x, `${name}.shortcut.0`, `${name}.shortcut.1`, strided);
    return this.graph.op('Relu', [this.graph.op('Add', [second, shortcut])]);
  }

  #biasedConv(x: string, name: string): string {
    return this.graph.op('Conv', [x, this.load(`${name}.weight`), this.load(`${name}.bias`)]);
  }

  /** A convolution with the batch normalisation after it folded into its weights. */
  #normedConv(x: string, conv: string, norm: string, attributes: Attributes): string {
    const { dims, weight, bias } = this.#folded(conv, norm);
    const inputs = [x, this.graph.weight(`${conv}.weight`, 'float32', dims, weight)];
    return this.graph.op('Conv', [...inputs, this.graph.weight(`${conv}.bias`, 'float32', [bias.length], bias)], attributes);
  }

  #folded(conv: string, norm: string): { dims: number[]; weight: Float32Array; bias: Float32Array } {
    const { dims, data } = readFloats(this.#weights, `${conv}.weight`);
    const mean = readFloats(this.#weights, `${norm}.running_mean`).data;
    const variance = readFloats(this.#weights, `${norm}.running_var`).data;
    // The last normalisation has no scale and shift of its own.
    const affine = this.#weights.names().includes(`${norm}.weight`);
    const scale = affine ? readFloats(this.#weights, `${norm}.weight`).data : new Float32Array(mean.length).fill(1);
    const shift = affine ? readFloats(this.#weights, `${norm}.bias`).data : new Float32Array(mean.length);
    const gain = mean.map((_, channel) => (scale[channel] ?? 0) / Math.sqrt((variance[channel] ?? 0) + EPSILON));
    const size = data.length / mean.length;
    return {
      dims,
      weight: data.map((value, index) => value * (gain[Math.floor(index / size)] ?? 0)),
      bias: mean.map((value, channel) => (shift[channel] ?? 0) - value * (gain[channel] ?? 0)),
    };
  }
}
