import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface FfmpegRun {
  args: readonly string[];
  /** CPU time of the process; the kernel ends it beyond. */
  maxCpuSeconds: number;
  /** Without a byte of output for so long, the process is ended. */
  stallSeconds: number;
  signal?: AbortSignal | undefined;
  /** Awaited, so that a slow disk slows ffmpeg down instead of filling memory. Throwing ends the process. */
  onOutput: (chunk: Buffer) => void | Promise<void>;
}

export interface FfmpegOutcome {
  /** `null` when a signal ended it. */
  exitCode: number | null;
  stalled: boolean;
  /** The first lines that ffmpeg wrote to stderr, at most `MAX_LOG_BYTES`: the first complaint is the telling one. */
  log: string;
}

const MAX_LOG_BYTES = 16 * 1024;
/** Address space of the process: decoding takes under 1 GiB, most of it libraries. */
const MAX_MEMORY_KIB = 3 * 1024 * 1024;
/** POSIX shell, as `prlimit` is not everywhere; a limit that a system does not know (macOS: memory) is left out. */
const LIMITED = 'ulimit -v "$1" 2>/dev/null; ulimit -t "$2" 2>/dev/null; ulimit -c 0 2>/dev/null; shift 2; exec "$@"';

/**
 * Runs ffmpeg on a hostile file: in its own process group, with limits on memory and CPU time, no input to read, and an
 * environment without any secret of ours.
 */
export async function runFfmpeg(ffmpegPath: string, run: FfmpegRun): Promise<FfmpegOutcome> {
  run.signal?.throwIfAborted();
  const limits = [String(MAX_MEMORY_KIB), String(Math.ceil(run.maxCpuSeconds))];
  const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', ...limits, ffmpegPath, ...run.args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { LC_ALL: 'C' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Whoever leaves early below still lets the process be reaped; its error is then the lesser one.
  ended.catch(() => undefined);
  const kill = (): void => killGroup(child);
  run.signal?.addEventListener('abort', kill, { once: true });
  const watch = stallWatch(run.stallSeconds, kill);
  const log = collectLog(child.stderr);
  try {
    for await (const chunk of child.stdout) {
      watch.touch();
      await run.onOutput(chunk as Buffer);
    }
    const exitCode = await ended;
    run.signal?.throwIfAborted();
    return { exitCode, stalled: watch.stalled(), log: log() };
  } finally {
    watch.stop();
    run.signal?.removeEventListener('abort', kill);
    kill();
  }
}

function killGroup(child: ChildProcessByStdio<null, Readable, Readable>): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function stallWatch(seconds: number, onStall: () => void): { touch: () => void; stalled: () => boolean; stop: () => void } {
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = true;
    onStall();
  }, seconds * 1000);
  return { touch: () => timer.refresh(), stalled: () => stalled, stop: () => clearTimeout(timer) };
}

function collectLog(stderr: Readable): () => string {
  let log = '';
  stderr.setEncoding('utf8');
  stderr.on('data', (text: string) => {
    if (log.length < MAX_LOG_BYTES) log += text.slice(0, MAX_LOG_BYTES - log.length);
  });
  return () => log;
}
