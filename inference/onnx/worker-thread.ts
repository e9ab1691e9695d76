import { parentPort, workerData } from 'node:worker_threads';
import { LecternError } from '../../contracts/errors.ts';
import { inferenceLog, type InferenceLogEntry } from './inference-log.ts';
import { toWireError, transferable, type HostMessage, type ThreadInit, type ThreadMessage } from './worker-messages.ts';

// The inside of `worker-host.ts`: loads one engine module and answers its calls until it is told to close.

type Engine = Record<string, (...args: unknown[]) => Promise<unknown>>;
interface EngineModule {
  createEngine: (init: unknown) => Promise<Engine>;
}

const port = parentPort;
if (port === null) throw new LecternError('internal', 'worker-thread.ts runs in a worker thread only');

function send(message: ThreadMessage, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

async function answer(engine: Engine, call: number, method: string, args: unknown[]): Promise<void> {
  try {
    const result = await engine[method]?.(...args);
    send({ call, result }, transferable(result));
  } catch (error) {
    send({ call, error: toWireError(error) });
  }
}

async function start({ module, init }: ThreadInit): Promise<void> {
  inferenceLog.subscribe((entry) => send({ log: entry as InferenceLogEntry }));
  try {
    const { createEngine } = (await import(module)) as EngineModule;
    const engine = await createEngine(init);
    port?.on('message', (message: HostMessage) => {
      if ('close' in message) process.exit(0);
      void answer(engine, message.call, message.method, message.args);
    });
    send({ ready: Object.keys(engine).filter((name) => typeof engine[name] === 'function') });
  } catch (error) {
    send({ initFailed: toWireError(error) });
    port?.close();
  }
}

await start(workerData as ThreadInit);
