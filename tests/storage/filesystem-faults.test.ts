import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readlink, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';

const KEY = 'tenants/t/lectures/l/lecture.json';
const WRITER = new URL('counting-writer.ts', import.meta.url).pathname;

describe('a folder of objects when things go wrong', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lectern-faults-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function startWriter(times: number): Promise<ChildProcess> {
    const child = spawn(process.execPath, [WRITER, root, KEY, String(times)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout ?? child, 'data');
    return child;
  }

  it('loses no increment of three processes that count', async () => {
    const store = await openFilesystemObjectStore(root);
    await store.put(KEY, Buffer.from('0'));
    const writers = await Promise.all([startWriter(100), startWriter(100), startWriter(100)]);
    const codes = await Promise.all(
      writers.map(async (writer) => (writer.exitCode === null ? await once(writer, 'exit') : [writer.exitCode])),
    );
    expect(codes.map(([code]) => code as number)).toEqual([0, 0, 0]);
    expect(Buffer.from((await store.get(KEY)).body).toString()).toBe('300');
  });

  it('goes on after writers were killed, with a whole object', async () => {
    const store = await openFilesystemObjectStore(root);
    await store.put(KEY, Buffer.from('0'));
    const count = async (): Promise<number> => Number(Buffer.from((await store.get(KEY)).body).toString());
    let before = 0;
    for (let round = 0; round < 6; round += 1) {
      const writer = await startWriter(1_000_000);
      while ((await count()) <= before) await sleep(5);
      await sleep(round * 7);
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      expect(await count()).toBeGreaterThan(before);
      before = await count();
    }
    const { info } = await store.get(KEY);
    await store.put(KEY, Buffer.from('end'), { ifMatch: info.etag });
    // Whatever the dead left beside it went with the next write.
    expect(await readdir(join(root, 'objects', `${KEY}@`))).toHaveLength(1);
  });

  it('closes the file of a reader that gives up before its first byte', async () => {
    const store = await openFilesystemObjectStore(root);
    await store.put(KEY, Buffer.from('bytes'));
    const reading = (await store.stream(KEY))[Symbol.asyncIterator]();
    await reading.return?.();
    const targets = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
    expect((await Promise.all(targets)).filter((target) => target.startsWith(join(root, 'objects')))).toEqual([]);
    expect(await reading.next()).toMatchObject({ done: true });
  });

  it('sweeps what a killed upload left, a day later', async () => {
    await openFilesystemObjectStore(root);
    const [old, fresh] = [join(root, 'tmp', 'old'), join(root, 'tmp', 'fresh')];
    await mkdir(old);
    await writeFile(join(old, 'part'), 'x');
    await writeFile(fresh, 'x');
    const yesterday = Date.now() / 1000 - 25 * 3600;
    await utimes(old, yesterday, yesterday);
    await openFilesystemObjectStore(root);
    expect(await readdir(join(root, 'tmp'))).toEqual(['fresh']);
  });

  it('says that it cannot be used when its folder is gone', async () => {
    const store = await openFilesystemObjectStore(root);
    await store.health();
    await rm(root, { recursive: true });
    await expect(store.health()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  // A full disk needs a small disk: a tmpfs of 1 MB, which only root may mount. Others get a file-size limit of the process instead.
  const mayMount = process.getuid?.() === 0 && canMount();
  it.runIf(mayMount)('is out of resources on a full disk, keeps what it has and leaves nothing', async () => {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root]);
    const store = await openFilesystemObjectStore(root);
    try {
      await store.put(KEY, Buffer.from('small'));
      const tooLarge = randomBytes(2_000_000);
      await expect(store.put(KEY, tooLarge)).rejects.toMatchObject({
        kind: 'out-of-resources',
        cure: expect.stringContaining('LECTERN_DATA') as string,
      });
      await expect(store.put('other', inChunks(tooLarge))).rejects.toMatchObject({ kind: 'out-of-resources' });
      expect(await readdir(join(root, 'tmp'))).toEqual([]);
      expect(await store.head('other')).toBeUndefined();
      expect(Buffer.from((await store.get(KEY)).body).toString()).toBe('small');
      await store.put(KEY, randomBytes(500_000));
    } finally {
      await store.close();
      execFileSync('/bin/umount', [root]);
    }
  });

  it('is out of resources at the file-size limit of the process', () => {
    const program = `
      import { openFilesystemObjectStore } from ${JSON.stringify(new URL('../../storage/filesystem-object-store.ts', import.meta.url).href)};
      process.on('SIGXFSZ', () => undefined);
      const store = await openFilesystemObjectStore(${JSON.stringify(root)});
      await store.put('k', Buffer.alloc(3_000_000)).catch((error) => console.log(error.kind));
      console.log(await store.head('k'));`;
    // 1,024 blocks of 1,024 bytes.
    const said = execFileSync('bash', ['-c', 'ulimit -f 1024; exec "$0" --input-type=module -e "$1"', process.execPath, program], {
      encoding: 'utf8',
    });
    expect(said).toBe('out-of-resources\nundefined\n');
  });
});

function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'lectern-mount-'));
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('/bin/umount', [probe]);
    return true;
  } catch {
    process.stderr.write('no tmpfs can be mounted here: a full disk is tested by the file-size limit alone\n');
    return false;
  } finally {
    rmdirSync(probe);
  }
}

async function* inChunks(body: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += 65_536) yield body.subarray(at, at + 65_536);
}
