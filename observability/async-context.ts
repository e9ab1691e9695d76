import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api';

/** OpenTelemetry's context kept along asynchronous calls, so that a span finds the one that it is a part of. */
export function createContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (context, work, self, ...args) => storage.run(context, () => work.call(self as ThisParameterType<typeof work>, ...args)),
    bind<T>(context: Context, target: T): T {
      if (typeof target !== 'function') return target;
      return ((...args: unknown[]): unknown => storage.run(context, () => target(...args) as unknown)) as T;
    },
    enable: () => manager,
    disable() {
      storage.disable();
      return manager;
    },
  };
  return manager;
}
