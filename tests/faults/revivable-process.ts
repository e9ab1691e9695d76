import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { supervise, type SupervisedProcess } from '../../cli/embedded/supervised-process.ts';

/** Between a death of its own and the next start, as an init system would wait. */
const RESTART_MS = 1_000;

/** A Lectern process that is killed, frozen and started again. One that ends by itself is started again, as a service would be. */
export interface RevivableProcess {
  readonly name: string;
  readonly isDown: boolean;
  /** `kill -9`: nothing of it runs any more when this returns. It stays dead until `revive`. */
  kill(): Promise<void>;
  revive(): void;
  /** SIGSTOP: alive, holding its connections, doing nothing. */
  freeze(): void;
  thaw(): void;
  /** Gently, for good. */
  stop(): Promise<void>;
  /** Whether its log holds this, since it was last started. */
  hasLogged(text: string): boolean;
}

export interface ReviveOptions {
  name: string;
  /** A script of ours and its arguments. */
  args: readonly string[];
  env: Record<string, string | undefined>;
  logFolder: string;
}

export function startRevivable({ name, args, env, logFolder }: ReviveOptions): RevivableProcess {
  let lives = 0;
  let isWanted = true;
  let current = start();

  function logFile(): string {
    return join(logFolder, `${name}-${lives}.log`);
  }
  function start(): SupervisedProcess {
    lives += 1;
    const life = supervise({ name, command: process.execPath, args, env, logFile: logFile() });
    void life.exited.then(async () => {
      await sleep(RESTART_MS);
      if (isWanted && current === life) current = start();
    });
    return life;
  }
  // The process leads a group: the shell that ties it to us goes with it.
  const signal = (which: NodeJS.Signals): void => void (current.exit() === undefined && process.kill(-current.pid, which));

  return {
    name,
    get isDown() {
      return current.exit() !== undefined;
    },
    async kill() {
      isWanted = false;
      signal('SIGKILL');
      await current.exited;
    },
    revive() {
      if (isWanted) return;
      isWanted = true;
      current = start();
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async stop() {
      isWanted = false;
      signal('SIGCONT');
      await current.stop();
    },
    hasLogged: (text) => readFileSync(logFile(), 'utf8').includes(text),
  };
}
