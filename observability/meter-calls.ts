import type { Histogram } from './histogram.ts';

/**
 * `target`, with the time that `operations` take observed by their names, those that fail as well. An operation that answers with a
 * stream is timed until the stream can be read.
 */
export function meterCalls<Target extends object>(
  target: Target,
  durations: Histogram,
  operations: readonly (keyof Target & string)[],
): Target {
  const metered = new Set<PropertyKey>(operations);
  return new Proxy(target, {
    get(held, name) {
      const value: unknown = Reflect.get(held, name, held);
      if (typeof value !== 'function') return value;
      const method = value.bind(held) as (...args: unknown[]) => unknown;
      if (!metered.has(name)) return method;
      return async (...args: unknown[]): Promise<unknown> => {
        const started = performance.now();
        try {
          return await method(...args);
        } finally {
          durations.observe({ operation: String(name) }, (performance.now() - started) / 1_000);
        }
      };
    },
  });
}
