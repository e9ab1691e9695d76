import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureGraph } from './graph-cache.ts';

const id = { model: 'whisper-base', revision: 'r/1', precision: 'int8', builder: 3 };
let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'lectern-cache-'));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

test('builds once, and again for another builder version', async () => {
  let builds = 0;
  const build = async (dir: string): Promise<void> => writeFile(join(dir, 'graph.onnx'), String(++builds));
  const dir = await ensureGraph(cacheDir, id, build);
  expect(await ensureGraph(cacheDir, id, build)).toBe(dir);
  expect(await readFile(join(dir, 'graph.onnx'), 'utf8')).toBe('1');
  expect(await ensureGraph(cacheDir, { ...id, builder: 4 }, build)).not.toBe(dir);
  expect(builds).toBe(2);
});

test('a failed build leaves nothing, so that the next one starts anew', async () => {
  const fail = async (dir: string): Promise<void> => {
    await writeFile(join(dir, 'half.onnx'), 'x');
    throw new Error('disk full');
  };
  await expect(ensureGraph(cacheDir, id, fail)).rejects.toThrow('disk full');
  expect(await readdir(join(cacheDir, 'graphs'))).toEqual([]);
});

test('of two at once one wins, and both get the same whole folder', async () => {
  const build = async (dir: string): Promise<void> => writeFile(join(dir, 'graph.onnx'), 'whole');
  const dirs = await Promise.all([ensureGraph(cacheDir, id, build), ensureGraph(cacheDir, id, build)]);
  expect(new Set(dirs).size).toBe(1);
  expect(await readdir(join(cacheDir, 'graphs'))).toHaveLength(1);
  expect(await readFile(join(dirs[0], 'graph.onnx'), 'utf8')).toBe('whole');
});

test('a graph that nobody opened for a month goes when the next is built; one that is in use stays', async () => {
  const build = async (dir: string): Promise<void> => writeFile(join(dir, 'graph.onnx'), 'whole');
  const long = new Date(Date.now() - 31 * 24 * 3600 * 1000);
  const [unused, used] = [await ensureGraph(cacheDir, id, build), await ensureGraph(cacheDir, { ...id, builder: 4 }, build)];
  for (const dir of [unused, used]) await utimes(dir, long, long);
  await ensureGraph(cacheDir, { ...id, builder: 4 }, build);
  const next = await ensureGraph(cacheDir, { ...id, builder: 5 }, build);
  expect((await readdir(join(cacheDir, 'graphs'))).toSorted()).toEqual([basename(used), basename(next)].toSorted());
});
