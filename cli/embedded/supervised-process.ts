import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Ends the program when the supervisor ends, however that ends: the supervisor holds the other side of standard input, which
 * closes even when it is killed. A shell does the watching because the programs are not all ours.
 */
const TIED_TO_PARENT = `
exec 3<&0 </dev/null
"$@" & child=$!
( cat <&3 >/dev/null; kill -TERM "$child" 2>/dev/null ) & watcher=$!
exec 3<&-
trap 'kill -TERM "$child" 2>/dev/null' TERM INT
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
kill "$watcher" 2>/dev/null
exit "$code"
`;
const TERMINATION_GRACE_MS = 15_000;
const LOG_TAIL_CHARACTERS = 1_500;

export interface ProcessExit {
  process: string;
  code: number | null;
}

/** A program that the stack runs; its output goes to a log file. */
export interface SupervisedProcess {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  /** Undefined while it runs. */
  exit(): ProcessExit | undefined;
  /** The end of its log, to explain a death. */
  logTail(): string;
  /** Asks it to end, and ends it after 15 s. */
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  name: string;
  command: string;
  args: readonly string[];
  env: Record<string, string | undefined>;
  logFile: string;
}

export function supervise(options: SuperviseOptions): SupervisedProcess {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'w');
  const child = spawn('/bin/sh', ['-c', TIED_TO_PARENT, options.name, options.command, ...options.args], {
    env: options.env,
    stdio: ['pipe', log, log],
    // A group of its own: Ctrl-C reaches the supervisor alone, which then stops its programs in order.
    detached: true,
  });
  closeSync(log);
  let ended: ProcessExit | undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    const end = (code: number | null) => resolve((ended ??= { process: options.name, code }));
    child.once('error', () => end(null));
    child.once('exit', (code) => end(code));
  });
  return {
    name: options.name,
    pid: child.pid ?? -1,
    exited,
    exit: () => ended,
    logTail: () => readFileSync(options.logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS).trim(),
    stop: () => stop(child, exited),
  };
}

async function stop(child: ChildProcess, exited: Promise<ProcessExit>): Promise<void> {
  child.stdin?.destroy();
  const timer = setTimeout(() => killGroup(child), TERMINATION_GRACE_MS);
  await exited;
  clearTimeout(timer);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: it ended in between, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
