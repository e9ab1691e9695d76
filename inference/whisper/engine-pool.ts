/** Hands out what there is, first come, first served. */
export interface Pool<Item> {
  /** Runs `work` with an item that nobody else uses meanwhile. */
  use<Result>(work: (item: Item) => Promise<Result>): Promise<Result>;
}

export function createPool<Item>(items: readonly Item[]): Pool<Item> {
  const free = [...items];
  const waiting: ((item: Item) => void)[] = [];
  return {
    async use(work) {
      const item = free.pop() ?? (await new Promise<Item>((resolve) => waiting.push(resolve)));
      try {
        return await work(item);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(item);
        else next(item);
      }
    },
  };
}
