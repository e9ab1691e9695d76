import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSpoolFolder } from './spool-folder.ts';

/** Beyond what Linux gives out as a process id. */
const NOBODY = 2 ** 30;

it('removes what dead workers left and nothing of living ones', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'lectern-spool-'));
  await mkdir(join(parent, String(NOBODY), 'attempt-1'), { recursive: true });
  await mkdir(join(parent, String(process.ppid)));
  const own = await openSpoolFolder(parent);
  expect(existsSync(own)).toBe(true);
  expect(existsSync(join(parent, String(NOBODY)))).toBe(false);
  expect(existsSync(join(parent, String(process.ppid)))).toBe(true);
  await rm(parent, { recursive: true });
});
