import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { buildWithGo } from './go-install.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-go-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Go as far as this goes: says what it was asked to build, where it was told to put it. */
async function putGoOnPath(script: string): Promise<void> {
  await writeFile(join(folder, 'go'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'go'), 0o755);
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
}

it('puts the program where it was wanted, and nothing else', async () => {
  await putGoOnPath('echo "$@" > "$GOBIN/tool"');
  const destination = join(folder, 'bin', 'renamed');
  await buildWithGo('example.org/x/cmd/tool@v1.2.3', destination);
  expect(await readFile(destination, 'utf8')).toBe('install example.org/x/cmd/tool@v1.2.3\n');
  expect(await readdir(join(folder, 'bin'))).toEqual(['renamed']);
});

it('leaves nothing of a build that fails, and says why it did', async () => {
  await putGoOnPath('touch "$GOBIN/tool"; echo "no such module" >&2; exit 1');
  await expect(buildWithGo('example.org/tool@latest', join(folder, 'bin', 'tool'))).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('no such module') as string,
  });
  expect(await readdir(join(folder, 'bin'))).toEqual([]);
});

it('says that Go is missing, and what for', async () => {
  vi.stubEnv('PATH', folder);
  await expect(buildWithGo('example.org/tool@latest', join(folder, 'bin', 'tool'))).rejects.toThrow(
    'no `go` on the path to build tool with',
  );
});
