export interface StallLimits {
  /** Until the first piece: a loaded server reads its model, and then the whole prompt, before it writes. */
  firstMs: number;
  /** From piece to piece. */
  nextMs: number;
}

export interface StallGuard {
  /** Aborts when the server has been silent for too long, and with the reader's own signal. */
  readonly signal: AbortSignal;
  /** Whether silence was the reason. */
  readonly stalled: boolean;
  /** A piece has come. */
  alive(): void;
  /** Stops watching, and the request with it, should it still be under way: its reader left. */
  end(): void;
}

/** Watches a stream for silence: how long a text takes in all says nothing about whether its writer still lives. */
export function guardAgainstStalls({ firstMs, nextMs }: StallLimits, reader?: AbortSignal): StallGuard {
  const controller = new AbortController();
  let stalled = false;
  const wait = (ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      stalled = true;
      controller.abort(new DOMException(`silent for ${ms / 1_000} s`, 'TimeoutError'));
    }, ms);
  let timer = wait(firstMs);
  return {
    signal: reader === undefined ? controller.signal : AbortSignal.any([controller.signal, reader]),
    get stalled() {
      return stalled;
    },
    alive() {
      clearTimeout(timer);
      timer = wait(nextMs);
    },
    end() {
      clearTimeout(timer);
      controller.abort();
    },
  };
}
