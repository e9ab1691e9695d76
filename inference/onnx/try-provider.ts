import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { GraphBuilder } from './graph-builder.ts';
import { readPlacements, requirePlacement, type NodePlacement } from './node-placement.ts';
import { openSession } from './open-session.ts';

const NAMES = { cpu: 'CPUExecutionProvider', cuda: 'CUDAExecutionProvider' };

/**
 * Runs a convolution (cuDNN) and a product of matrices (cuBLAS) on a provider and gives what ran where. Throws `unavailable` where the
 * provider does not load, has no device, or leaves the work to another. Blocks the thread for a second or two.
 */
export async function tryProvider(provider: 'cpu' | 'cuda'): Promise<NodePlacement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-try-provider-'));
  try {
    await makeGraph().write(join(folder, 'trial.onnx'));
    const profiles = await mkdtemp(join(folder, 'profiles-'));
    const session = await openSession(join(folder, 'trial.onnx'), { threads: 1, provider, profilePrefix: join(profiles, 'trial') });
    try {
      await session.run({ x: new Tensor('float32', new Float32Array(64).fill(1), [1, 8, 8]) });
      session.endProfiling();
    } finally {
      await session.release();
    }
    const placements = await readPlacements(profiles);
    requirePlacement(placements, NAMES[provider]);
    return placements;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function makeGraph(): GraphBuilder {
  const graph = new GraphBuilder('trial', { opset: 17 });
  const x = graph.input('x', 'float32', [1, 8, 8]);
  const kernel = graph.weight('kernel', 'float32', [8, 8, 3], new Float32Array(8 * 8 * 3).fill(0.5));
  const product = graph.weight('product', 'float32', [8, 4], new Float32Array(32).fill(0.25));
  const heard = graph.op('Conv', [x, kernel], { kernel_shape: [3], pads: [1, 1] });
  graph.node('MatMul', [heard, product], {}, { outputs: ['y'] });
  graph.output('y', 'float32', [1, 8, 4]);
  return graph;
}
