import { Worker } from 'node:worker_threads';
import { LecternError } from '../../contracts/errors.ts';
import { inferenceLog, logInference } from './inference-log.ts';
import { fromWireError, type HostMessage, type ThreadInit, type ThreadMessage } from './worker-messages.ts';

/** An engine's functions: all async, arguments and results such as structured clone carries. */
export type EngineApi<Api> = { [Method in keyof Api]: (...args: never[]) => Promise<unknown> };

/** The same functions seen from outside the thread. After `close` every call rejects with `unavailable`. */
export type Remote<Api> = Api & { close(): Promise<void> };

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: LecternError): void;
}

/**
 * Runs an engine in a worker thread of its own, because onnxruntime blocks the thread it runs on. The module exports
 * `createEngine(init): Promise<Api>`. Arguments are copied; typed arrays of a result are handed over, so an engine
 * returns fresh ones. `LecternError`s keep their kind. If the thread dies, every pending call rejects with `internal`
 * (`out-of-resources` when it ran out of memory) and the next one starts it again, so engines keep no state between
 * calls. An idle engine does not keep the process alive.
 */
export async function startEngine<Api extends EngineApi<Api>>(module: URL, init: unknown): Promise<Remote<Api>> {
  const host = new EngineHost(() => {
    const data: ThreadInit = { module: module.href, init };
    const name = engineName(module);
    return new EngineConnection(new Worker(new URL('./worker-thread.ts', import.meta.url), { workerData: data, name }), name);
  });
  const methods = await host.start();
  const remote: Record<string, unknown> = { close: () => host.close() };
  for (const method of methods) {
    if (method !== 'close') remote[method] = (...args: unknown[]) => host.call(method, args);
  }
  return remote as Remote<Api>;
}

/** One engine over the lives of its threads. */
class EngineHost {
  readonly #open: () => EngineConnection;
  #connection: EngineConnection;
  #closed = false;

  constructor(open: () => EngineConnection) {
    this.#open = open;
    this.#connection = open();
  }

  start(): Promise<string[]> {
    return this.#connection.ready;
  }

  call(method: string, args: unknown[]): Promise<unknown> {
    if (!this.#connection.isAlive && !this.#closed) {
      logInference('engine starts again', { engine: this.#connection.name });
      this.#connection = this.#open();
      // Whoever calls meanwhile is told why it does not start: what is posted waits for the thread to be ready.
      this.#connection.ready.catch(() => undefined);
    }
    return this.#connection.call(method, args);
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#connection.close();
  }
}

class EngineConnection {
  /** The engine's functions, once it has started. */
  readonly ready: Promise<string[]>;
  readonly name: string;
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingCall>();
  readonly #exited: Promise<void>;
  #nextCall = 0;
  #ended: LecternError | undefined;

  constructor(worker: Worker, name: string) {
    this.#worker = worker;
    this.name = name;
    this.ready = new Promise((resolve, reject) => {
      // Call 0 is the start itself, so that a thread that dies while it loads rejects like any other.
      this.#pending.set(this.#nextCall++, { resolve: (methods) => resolve(methods as string[]), reject });
    });
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        this.#end(new LecternError('internal', `engine ${name} ended with exit code ${code}`));
        resolve();
      });
    });
    worker.on('message', (message: ThreadMessage) => this.#receive(message));
    worker.once('error', (error) => this.#end(toCrash(error, name)));
  }

  get isAlive(): boolean {
    return this.#ended === undefined;
  }

  call(method: string, args: unknown[]): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const call = this.#nextCall++;
      this.#post({ call, method, args });
      this.#pending.set(call, { resolve, reject });
      this.#worker.ref();
    });
  }

  async close(): Promise<void> {
    // Whatever it ended of before: from now on it is closed.
    this.#ended = undefined;
    this.#end(new LecternError('unavailable', `engine ${this.name} is closed`));
    this.#post({ close: true });
    this.#worker.ref();
    await this.#exited;
  }

  #post(message: HostMessage): void {
    this.#worker.postMessage(message, []);
  }

  #receive(message: ThreadMessage): void {
    if ('log' in message) inferenceLog.publish(message.log);
    else if ('ready' in message) this.#settle(0, (call) => call.resolve(message.ready));
    else if ('initFailed' in message) this.#end(fromWireError(message.initFailed));
    else if ('error' in message) this.#settle(message.call, (call) => call.reject(fromWireError(message.error)));
    else this.#settle(message.call, (call) => call.resolve(message.result));
  }

  #settle(id: number, settle: (call: PendingCall) => void): void {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref();
    settle(call);
  }

  /** The first reason to end is the one that callers see. */
  #end(error: LecternError): void {
    this.#ended ??= error;
    for (const id of this.#pending.keys()) this.#settle(id, (call) => call.reject(error));
  }
}

function engineName(module: URL): string {
  return module.pathname.slice(module.pathname.lastIndexOf('/') + 1).replace(/\.[a-z]+$/, '');
}

function toCrash(error: unknown, name: string): LecternError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const kind = code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out-of-resources' : 'internal';
  return new LecternError(kind, `engine ${name} crashed: ${message}`, { cause: error });
}
