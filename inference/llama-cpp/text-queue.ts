export interface TextQueue {
  push(text: string): void;
  end(): void;
  fail(error: unknown): void;
  /** The pieces in their order, until the end; throws what `fail` was given. For one reader. */
  read(): AsyncGenerator<string>;
}

/** From a writer that calls back to a reader that loops. */
export function createTextQueue(): TextQueue {
  const pieces: string[] = [];
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wake = (): void => undefined;
  return {
    push(text) {
      pieces.push(text);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    fail(error) {
      failure = { error };
      wake();
    },
    async *read() {
      for (;;) {
        while (pieces.length > 0) yield pieces.shift()!;
        if (failure !== undefined) throw failure.error;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
