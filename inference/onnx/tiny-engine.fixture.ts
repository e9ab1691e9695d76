import * as ort from 'onnxruntime-node';
import { LecternError } from '../../contracts/errors.ts';
import { openSession } from './open-session.ts';

/** The engine of `worker-host.test.ts`: one small graph, and ways to go wrong. */
export interface TinyApi {
  run(values: Float32Array): Promise<{ y: Float32Array; shape: number[] }>;
  refuse(): Promise<never>;
  crash(): Promise<never>;
  hang(): Promise<never>;
}

export async function createEngine(init: { modelPath: string }): Promise<TinyApi> {
  const session = await openSession(init.modelPath, { threads: 1 });
  return {
    async run(values) {
      const { y } = await session.run({ x: new ort.Tensor('float32', values, [values.length / 2, 2]) });
      if (y === undefined) throw new LecternError('internal', 'no output y');
      return { y: (y.data as Float32Array).slice(), shape: [...y.dims] };
    },
    async refuse() {
      throw new LecternError('invalid-input', 'not this', { cure: 'Try that.', details: { limit: 3 } });
    },
    async crash() {
      process.exit(7);
    },
    hang: () => new Promise(() => {}),
  };
}
