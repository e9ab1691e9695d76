import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { findTemporalBinary } from './temporal-binary.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-temporal-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that says which server it holds. */
async function program(place: string, says: string): Promise<string> {
  await mkdir(join(folder, place), { recursive: true });
  const path = join(folder, place, 'temporal');
  await writeFile(path, `#!/bin/sh\necho "${says}"\n`);
  await chmod(path, 0o755);
  return path;
}

const lines: string[] = [];
const find = () =>
  findTemporalBinary({
    cacheDir: join(folder, 'cache'),
    offline: true,
    searchPath: join(folder, 'bin'),
    report: (line) => lines.push(line),
  });

describe('findTemporalBinary', () => {
  it('takes the one on the path', async () => {
    const path = await program('bin', 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)');
    await program('cache/bin', 'temporal version 1.9.1 (Server 1.32.0, UI 2.50.0)');
    expect(await find()).toEqual({ path, serverVersion: '1.29.1' });
  });

  it('passes over one too old for fairness, and says so', async () => {
    await program('bin', 'temporal version 1.0.0 (Server 1.24.2, UI 2.27.1)');
    const cached = await program('cache/bin', 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)');
    expect(await find()).toEqual({ path: cached, serverVersion: '1.29.1' });
    expect(lines.join('\n')).toContain('1.24');
  });

  it('offline and without any, says what to install', async () => {
    const error = await find().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LecternError);
    expect(error).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('LECTERN_OFFLINE') as string });
    expect((error as LecternError).cure).toContain('TEMPORAL_ADDRESS');
  });
});
