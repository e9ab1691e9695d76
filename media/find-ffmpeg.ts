import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LecternError } from '../contracts/errors.ts';

const run = promisify(execFile);

export interface FfmpegSources {
  /** Path of the packaged binary, fetched when it is not there yet: the model store's entry `ffmpeg`. */
  bundled: () => Promise<string>;
}

export interface FoundFfmpeg {
  path: string;
  version: string;
  source: 'system' | 'bundled';
}

/** The system's ffmpeg, else the packaged one. Throws `unavailable`, naming both failures, when neither runs. */
export async function findFfmpeg(sources: FfmpegSources): Promise<FoundFfmpeg> {
  const system = await locate().then(describe('system'), toReason);
  if (typeof system !== 'string') return system;
  const bundled = await sources.bundled().then(describe('bundled'), toReason);
  if (typeof bundled !== 'string') return bundled;
  throw new LecternError('unavailable', `no ffmpeg: on the path: ${system}; packaged: ${bundled}`, { cure: 'Install ffmpeg.' });
}

async function locate(): Promise<string> {
  const { stdout } = await run('/bin/sh', ['-c', 'command -v ffmpeg']);
  return stdout.trim();
}

function describe(source: FoundFfmpeg['source']): (path: string) => Promise<FoundFfmpeg | string> {
  return async (path) => {
    try {
      const { stdout } = await run(path, ['-hide_banner', '-version']);
      return { path, source, version: /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown' };
    } catch (error) {
      return toReason(error);
    }
  };
}

function toReason(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
