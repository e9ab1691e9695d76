import { SessionRunner, type SharedSession } from './shared-session.ts';

/** The engine of `shared-session.test.ts`: runs a session that another thread has opened. */
export interface SharedApi {
  /** `[rows, 2]` in and out, so many times over. */
  run(values: Float32Array, times: number): Promise<Float32Array>;
}

export async function createEngine(init: { session: SharedSession }): Promise<SharedApi> {
  const runner = new SessionRunner(init.session);
  return {
    async run(values, times) {
      const y = new Float32Array(values.length);
      const dims = [values.length / 2, 2];
      for (let time = 0; time < times; time++) runner.run({ x: { data: values, dims } }, { y: { data: y, dims } });
      return y;
    },
  };
}
