import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rotateMasterKey } from '../../cli/embedded/rotate-master-key.ts';
import { parseConfig } from '../../contracts/config.ts';
import { openObjectStore } from '../../storage/open-object-store.ts';

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const KEY = 'tenants/tum/settings.json';
const [old, fresh] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lectern-rotation-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const configOf = (masterKey?: string) => parseConfig({ LECTERN_DATA: root, LECTERN_MASTER_KEY: masterKey });
const rotate = (masterKey: string) =>
  spawnSync(process.execPath, [CLI, 'encryption', 'rotate-master', '--json'], {
    encoding: 'utf8',
    env: { ...process.env, LECTERN_DATA: root, LECTERN_MASTER_KEY: masterKey },
  });

it('a rotated master key opens everything, the old one nothing, and neither is ever shown', async () => {
  const before = await openObjectStore(configOf(old));
  await before.put(KEY, Buffer.from('{"voiceprints":true}'));
  await before.close();

  const { status, stdout, stderr } = rotate(`${fresh},${old}`);
  expect({ status, document: JSON.parse(stdout) as unknown }).toMatchObject({ status: 0, document: { rewrapped: 1, keys: 1 } });
  expect(await rotateMasterKey(configOf(fresh))).toMatchObject({ rewrapped: 0, keys: 1 });
  for (const secret of [old, fresh]) expect(stdout + stderr).not.toContain(secret);

  const after = await openObjectStore(configOf(fresh));
  expect(Buffer.from((await after.get(KEY)).body).toString()).toBe('{"voiceprints":true}');
  await after.close();
  await expect(openObjectStore(configOf(old))).rejects.toMatchObject({ kind: 'invalid-input' });
  await expect(openObjectStore(configOf())).rejects.toMatchObject({
    kind: 'invalid-input',
    message: 'this store is encrypted, and no master key is given',
  });
  const refused = rotate(old);
  expect(refused.status).toBe(6);
  expect(refused.stdout + refused.stderr).not.toContain(old);
});
