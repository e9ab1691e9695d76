import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ModelFile } from './catalogue.ts';

export type FileState = 'present' | 'missing' | 'corrupt';

/** Hashes the file (about 2 GB/s): only bytes that are exactly the pinned ones are `present`. */
export async function inspectFile(path: string, file: ModelFile): Promise<FileState> {
  const state = await glanceAtFile(path, file);
  if (state !== 'present') return state;
  return (await sha256OfFile(path)) === file.sha256 ? 'present' : 'corrupt';
}

/** By size alone: quick enough for a list, not for loading. */
export async function glanceAtFile(path: string, file: ModelFile): Promise<FileState> {
  const bytes = await fileBytes(path);
  if (bytes === undefined) return 'missing';
  return bytes === file.bytes ? 'present' : 'corrupt';
}

/** `undefined` where there is no file. */
export async function fileBytes(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Lower-case hex; `undefined` where there is no file. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  return hash.digest('hex');
}

/** The disk is full or the quota used up: no other source can help. */
export function isDiskFull(error: unknown): boolean {
  return hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT') || hasCode(error, 'EFBIG');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
