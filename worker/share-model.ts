interface Closable {
  close(): Promise<void>;
}

/** A model for as long as it is needed. */
export interface Lease<Model> {
  model: Model;
  release: () => Promise<void>;
}

/** One model for several who each open and close it: opened by the first, closed with the last, opened anew by whoever comes after. */
export function shareModel<Model extends Closable>(open: () => Promise<Model>): () => Promise<Lease<Model>> {
  let current: { opening: Promise<Model>; holders: number } | undefined;
  return async () => {
    const held = (current ??= { opening: open(), holders: 0 });
    held.holders++;
    const leave = (): boolean => {
      held.holders--;
      if (held.holders > 0) return false;
      if (current === held) current = undefined;
      return true;
    };
    try {
      const model = await held.opening;
      return {
        model,
        release: async () => {
          if (leave()) await model.close();
        },
      };
    } catch (error) {
      leave();
      throw error;
    }
  };
}
