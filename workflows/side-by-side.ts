import { CancellationScope } from '@temporalio/workflow';

type Results<Tasks extends readonly (() => Promise<unknown>)[]> = { [K in keyof Tasks]: Awaited<ReturnType<Tasks[K]>> };

/**
 * Runs tasks side by side. The first failure cancels the others *and waits until they have stopped*, so that none of them is still
 * writing when the workflow ends.
 */
export async function sideBySide<const Tasks extends readonly (() => Promise<unknown>)[]>(tasks: Tasks): Promise<Results<Tasks>> {
  const scope = new CancellationScope();
  return scope.run(async () => {
    const running = tasks.map((task) => task());
    try {
      return (await Promise.all(running)) as Results<Tasks>;
    } catch (error) {
      scope.cancel();
      await Promise.allSettled(running);
      throw error;
    }
  });
}

/**
 * The same for many tasks alike, `atOnce` of them at a time, begun in their order. Answers in that order; `atOnce` must not be 0 where
 * there are tasks.
 */
export async function sideBySideInWindow<Result>(tasks: readonly (() => Promise<Result>)[], atOnce: number): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = tasks.entries();
  const lane = async () => {
    for (const [at, task] of waiting) results[at] = await task();
  };
  await sideBySide(Array.from({ length: Math.min(atOnce, tasks.length) }, () => lane));
  return results;
}
