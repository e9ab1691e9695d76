import { spawn } from 'node:child_process';
import { LecternError } from '../../contracts/errors.ts';

const KEPT_OUTPUT_CHARACTERS = 2_000;

export interface RunToEndOptions {
  timeoutMs: number;
  env?: Record<string, string | undefined>;
  cwd?: string;
}

/** Runs a program to its end and returns its standard output. Errors: `unavailable` with the end of what it said. */
export async function runToEnd(program: string, args: readonly string[], options: RunToEndOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString('utf8')));
    child.stderr.on('data', (bytes: Buffer) => (complaint = (complaint + bytes.toString('utf8')).slice(-KEPT_OUTPUT_CHARACTERS)));
    child.once('error', (error) =>
      reject(new LecternError('unavailable', `${program} could not be run: ${error.message}`, { cause: error })),
    );
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output);
      const how = signal === null ? `ended with exit code ${code}` : `was stopped after ${options.timeoutMs / 1000} s (${signal})`;
      const said = complaint.trim() || output.trim().slice(-KEPT_OUTPUT_CHARACTERS);
      return reject(new LecternError('unavailable', `${program} ${how}${said === '' ? '' : `: ${said}`}`));
    });
  });
}
