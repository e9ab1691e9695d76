import type { LoadableModel } from '../activities/loadable-model.ts';
import type { ModelIdentity } from '../inference/model-identity.ts';

/** Something heavy that is loaded, and can be put away. */
interface Closable {
  readonly model: ModelIdentity;
  close(): Promise<void>;
}

/** Room for the models of one task at a time. */
export interface ModelShelf {
  /** A model of `task`: loading it puts those of the task before away. Who it is stays known once it was loaded. */
  place<Model extends Closable>(task: string, open: () => Promise<Model>): LoadableModel<Model>;
  close(): Promise<void>;
}

/**
 * The models of all stages together take more memory than a small machine has to spare; to load one again takes a second or two, of
 * a stage's minutes. So a worker with one GPU task at a time keeps only the models of the task at hand. A model that cannot be
 * opened is tried again at its next use: it may have been pulled meanwhile.
 */
export function createModelShelf(): ModelShelf {
  let current: string | undefined;
  let cleared: Promise<void> = Promise.resolve();
  const held = new Set<() => Promise<void>>();

  async function clear(): Promise<void> {
    const leaving = [...held];
    held.clear();
    await Promise.all(leaving.map((putAway) => putAway()));
  }

  return {
    place<Model extends Closable>(task: string, open: () => Promise<Model>): LoadableModel<Model> {
      /** Put away or not: it still knows who it was. */
      let loaded: Model | undefined;
      let opened: Promise<Model> | undefined;
      const putAway = async () => {
        const leaving = opened;
        opened = undefined;
        // One that never opened has told its user so and has nothing to close.
        await leaving?.then(
          (model) => model.close(),
          () => undefined,
        );
      };
      const load = async () => {
        if (task !== current) {
          current = task;
          cleared = cleared.then(clear);
        }
        await cleared;
        if (opened === undefined) {
          const opening = open();
          opened = opening;
          held.add(putAway);
          opening.catch(() => {
            if (opened === opening) opened = undefined;
          });
        }
        loaded = await opened;
        return loaded;
      };
      // Read each time: a transcriber that ran out of memory goes on as a smaller one.
      return { load, identity: async () => (loaded ?? (await load())).model };
    },
    async close() {
      await cleared;
      await clear();
    },
  };
}
