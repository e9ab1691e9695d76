import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModelStore, type ModelStore, type ModelStoreOptions } from '../../inference/models/store.ts';
import { hubPath, makeCatalogue } from './test-catalogue.ts';
import { startTestHub, type TestHub } from './test-hub.ts';

const weights = randomBytes(3_000_000);
const config = Buffer.from('{"layers": 6}');
const files = { 'model.bin': weights, 'config.json': config };

describe('models from the hub', () => {
  let cacheDir: string;
  let hub: TestHub;
  let notices: string[];
  const open = (options: Partial<ModelStoreOptions> = {}): Promise<ModelStore> =>
    openModelStore({
      cacheDir,
      offline: false,
      hub: hub.url,
      catalogue: makeCatalogue(files),
      onNotice: (line) => notices.push(line),
      ...options,
    });
  const stored = (name: string): string => join(cacheDir, 'models', 'a-model', name);

  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'lectern-models-'));
    hub = await startTestHub({ [hubPath('model.bin')]: weights, [hubPath('config.json')]: config });
    notices = [];
  });
  afterEach(async () => {
    await hub.close();
    await rm(cacheDir, { recursive: true, force: true });
  });

  it('are fetched, verified, placed, and then left alone', async () => {
    const progress: string[] = [];
    const model = await (await open()).ensure('a-model', (p) => progress.push(`${p.file} ${p.doneBytes}/${p.totalBytes}`));
    expect(model.identity.name).toBe('a-model');
    expect(model.path('model.bin')).toBe(stored('model.bin'));
    expect(Buffer.compare(await readFile(model.path('model.bin')), weights)).toBe(0);
    expect(Buffer.compare(await readFile(model.path('config.json')), config)).toBe(0);
    expect(progress).toContain(`model.bin ${weights.length}/${weights.length}`);
    expect(await readdir(join(cacheDir, 'models', '.parts'))).toEqual([]);
    await (await open()).ensure('a-model');
    expect(hub.requests.map((request) => request.path)).toEqual([hubPath('model.bin'), hubPath('config.json')]);
    expect(() => model.path('other.bin')).toThrow(/no file other.bin/);
  });

  it('are resumed where a connection was cut', async () => {
    hub.behaviours.push('cut', 'cut');
    await (await open()).ensure('a-model');
    expect(Buffer.compare(await readFile(stored('model.bin')), weights)).toBe(0);
    const [first, second, third] = hub.requests;
    expect(first?.range).toBeUndefined();
    expect(second?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(second?.ifRange).toMatch(/^"/);
    expect(Number(/\d+/.exec(third?.range ?? '')?.[0])).toBeGreaterThan(Number(/\d+/.exec(second?.range ?? '')?.[0]));
  });

  it('are resumed by the next process, too', async () => {
    hub.behaviours.push('cut', 'not-found');
    await expect((await open()).ensure('a-model')).rejects.toMatchObject({ kind: 'model-missing' });
    await (await open()).ensure('a-model');
    expect(hub.requests[2]?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(Buffer.compare(await readFile(stored('model.bin')), weights)).toBe(0);
  });

  it('are resumed, without waiting, after the process that fetched them was killed', async () => {
    hub.behaviours.push('stall');
    const cataloguePath = join(cacheDir, 'catalogue.json');
    await writeFile(cataloguePath, JSON.stringify(makeCatalogue(files)));
    const program = new URL('fetching-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, cacheDir, hub.url, cataloguePath, 'a-model'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await open()).ensure('a-model');
    expect(hub.requests[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(notices).toEqual([]);
    expect(Buffer.compare(await readFile(stored('model.bin')), weights)).toBe(0);
  });

  it('are begun anew where the server knows no ranges', async () => {
    hub.behaviours.push('cut', 'no-ranges');
    await (await open()).ensure('a-model');
    expect(Buffer.compare(await readFile(stored('model.bin')), weights)).toBe(0);
  });

  it('are begun anew when what an earlier transfer left is of something else', async () => {
    const sha256 = makeCatalogue(files).models[0]?.files[0]?.sha256 ?? '';
    await mkdir(join(cacheDir, 'models', '.parts'), { recursive: true });
    await writeFile(join(cacheDir, 'models', '.parts', `${sha256}.part`), randomBytes(1_000_000));
    await (await open()).ensure('a-model');
    expect(hub.requests.slice(0, 2).map((request) => request.range)).toEqual(['bytes=1000000-', undefined]);
    expect(Buffer.compare(await readFile(stored('model.bin')), weights)).toBe(0);
  });

  it('are followed through redirects and found again after an error of the server', async () => {
    hub.behaviours.push('redirect', 'error', 'serve');
    await (await open()).ensure('a-model');
    expect(Buffer.compare(await readFile(stored('model.bin')), weights)).toBe(0);
  });

  it('are refused when their bytes, their size or their place is wrong', async () => {
    for (const [behaviour, reason] of [
      ['wrong-bytes', /other bytes/],
      ['wrong-size', /2999999 bytes instead of 3000000/],
      ['not-found', /answered 404/],
    ] as const) {
      hub.behaviours.push(behaviour);
      const failed = (await open()).ensure('a-model');
      await expect(failed).rejects.toMatchObject({ kind: 'model-missing', message: expect.stringMatching(reason) as string });
      await expect(failed).rejects.toMatchObject({ cure: expect.stringContaining(stored('model.bin')) as string });
      await expect(readFile(stored('model.bin'))).rejects.toThrow(/ENOENT/);
    }
  });

  it('are fetched anew when they are corrupt, and never handed out before', async () => {
    await (await open()).ensure('a-model');
    const broken = Buffer.from(weights);
    broken[1_500_000] = (broken[1_500_000] ?? 0) ^ 1;
    await writeFile(stored('model.bin'), broken);
    const store = await open();
    expect((await store.list())[0]?.files.map((file) => file.state)).toEqual(['present', 'present']);
    expect((await store.verify())[0]?.files.map((file) => file.state)).toEqual(['corrupt', 'present']);
    await expect((await open({ offline: true })).ensure('a-model')).rejects.toMatchObject({
      message: expect.stringContaining('corrupt') as string,
    });
    await store.ensure('a-model');
    expect(notices.join()).toContain('is not the pinned file');
    expect(Buffer.compare(await readFile(stored('model.bin')), weights)).toBe(0);
  });

  it('are waited for and fetched once when several want them at the same time', async () => {
    const stores = [await open(), await open(), await open()];
    await Promise.all(stores.flatMap((store) => [store.ensure('a-model'), store.ensure('a-model')]));
    expect(hub.requests).toHaveLength(2);
    expect(notices.filter((line) => line.includes('another process'))).not.toHaveLength(0);
  });

  it('are named one by one, with place, size and digest, when nothing may be downloaded', async () => {
    await (await open()).ensure('a-model');
    await rm(stored('model.bin'));
    const [entry] = makeCatalogue(files).models;
    const failed = (await open({ offline: true })).ensure('a-model');
    for (const part of [stored('model.bin'), '3000000 bytes', entry?.files[0]?.sha256 ?? '?', 'missing']) {
      await expect(failed).rejects.toMatchObject({ kind: 'model-missing', message: expect.stringContaining(part) as string });
    }
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('config.json') as string });
    await expect(failed).rejects.toMatchObject({ cure: expect.stringContaining('LECTERN_OFFLINE') as string });
    expect(hub.requests).toHaveLength(2);
  });

  it('are asked of an unreachable hub only once, and it is said', async () => {
    await hub.close();
    const store = await open();
    await expect(store.ensure('a-model')).rejects.toMatchObject({
      kind: 'model-missing',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    await expect(store.ensure('a-model')).rejects.toMatchObject({ kind: 'model-missing' });
    expect(notices.filter((line) => line.includes('cannot be reached'))).toHaveLength(1);
  });

  it('give a hub that accepts and says nothing six seconds', async () => {
    hub.behaviours.push('hang');
    const began = Date.now();
    await expect((await open()).ensure('a-model')).rejects.toMatchObject({
      message: expect.stringContaining('no answer within 6 s') as string,
    });
    expect(Date.now() - began).toBeLessThan(9_000);
  });

  it('are refused by name when there is no such model', async () => {
    await expect((await open()).ensure('b-model')).rejects.toMatchObject({
      kind: 'not-found',
      cure: expect.stringContaining('a-model') as string,
    });
  });

  describe('behind a proxy', () => {
    let proxy: Server;
    let asked: string[];
    beforeEach(async () => {
      asked = [];
      proxy = createServer((request, response) => {
        asked.push(request.url ?? '');
        const body = request.url?.endsWith('model.bin') === true ? weights : config;
        response.writeHead(200, { 'Content-Length': body.length }).end(body);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => new Promise((resolve) => proxy.close(resolve)));
    const proxyUrl = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

    it('are asked of the proxy', async () => {
      await (await open({ hub: 'http://hub.invalid/mirror/', proxy: { HTTP_PROXY: proxyUrl() } })).ensure('a-model');
      expect(asked).toContain(`http://hub.invalid/mirror${hubPath('model.bin')}`);
      expect(hub.requests).toHaveLength(0);
    });

    it('are asked directly of hosts in NO_PROXY', async () => {
      await (await open({ proxy: { HTTP_PROXY: proxyUrl(), NO_PROXY: '127.0.0.1' } })).ensure('a-model');
      expect(asked).toHaveLength(0);
      expect(hub.requests).toHaveLength(2);
    });
  });
});
