import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { toTar, type TarEntry } from './tar.ts';

const run = promisify(execFile);

async function* of(...entries: TarEntry[]): AsyncGenerator<TarEntry> {
  yield* entries;
}
const entry = (path: string, text: string): TarEntry => ({ path, bytes: Buffer.byteLength(text), body: [Buffer.from(text)] });

async function write(path: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'w');
  for await (const chunk of archive) await file.write(chunk);
  await file.close();
}

it('is read by the tar of the machine, empty files and whole blocks included', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-tar-'));
  try {
    const texts = { 'a.json': '{}', 'deep/er/b.txt': 'x'.repeat(512), 'deep/empty': '', 'c.txt': 'Grüße'.repeat(300) };
    const entries = Object.entries(texts).map(([path, text]) => entry(path, text));
    await write(join(folder, 'x.tar'), toTar(of(...entries), Date.UTC(2026, 0, 1)));
    await run('tar', ['-xf', 'x.tar'], { cwd: folder });
    for (const [path, text] of Object.entries(texts)) expect(await readFile(join(folder, path), 'utf8')).toBe(text);
    expect((await run('tar', ['--utc', '-tvf', 'x.tar'], { cwd: folder })).stdout).toMatch(/512 2026-01-01 00:00 deep\/er\/b\.txt/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('says the size of a file of more than 8 GiB so that tar reads it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-tar-'));
  try {
    const header = await toTar(of({ path: 'large', bytes: 9 * 2 ** 30, body: [] }), 0).next();
    await write(join(folder, 'x.tar'), ReadableStream.from([header.value as Uint8Array]));
    const listed = await run('tar', ['-tvf', 'x.tar'], { cwd: folder }).catch((error: { stdout: string }) => error);
    expect(listed.stdout).toContain(String(9 * 2 ** 30));
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('breaks off where an entry is not as long as it says', async () => {
  const read = async () => {
    for await (const _ of toTar(of({ path: 'a', bytes: 3, body: [Buffer.from('ab')] }), 0));
  };
  await expect(read()).rejects.toMatchObject({ kind: 'internal', message: 'a has 2 bytes, not 3' });
});
