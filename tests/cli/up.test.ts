import { spawn, type ChildProcess } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReadinessSchema } from '../../contracts/api.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-test-up-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Running {
  child: ChildProcess;
  said: { stdout: string; stderr: string };
  ended: Promise<number | null>;
}

function lectern(args: readonly string[], environment: Record<string, string> = {}): Running {
  const free = { LECTERN_PORT: '0', LECTERN_TEMPORAL_PORT: '0', LECTERN_TEMPORAL_UI_PORT: '0' };
  const env = { ...process.env, ...free, LECTERN_DATA: join(folder, 'data'), ...environment };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (said.stderr += bytes.toString()));
  return { child, said, ended: new Promise((resolve) => child.once('close', resolve)) };
}

describe('lectern up', () => {
  it('runs until Ctrl-C, is found by the other commands, and leaves nothing running', async () => {
    const up = lectern(['up', '--json']);
    await expect.poll(() => up.said.stdout, { timeout: 240_000, interval: 500, message: up.said.stderr }).toContain('\n');
    const { apiUrl, temporalUiUrl, apiKey } = JSON.parse(up.said.stdout) as Record<string, string>;
    const ready = ReadinessSchema.parse(await (await fetch(`${apiUrl}/health/ready`)).json());
    expect(ready).toEqual({ state: 'up', dependencies: ['objects', 'index', 'temporal'].map((name) => ({ name, state: 'up' })) });
    expect((await fetch(temporalUiUrl!)).status).toBe(200);
    expect(apiKey).toMatch(/^lk_/);

    const lectures = lectern(['lectures']);
    expect([await lectures.ended, lectures.said.stdout]).toEqual([0, 'no lectures yet\n']);
    const answer = lectern(['ask', 'what is parity', '--json']);
    expect(await answer.ended, answer.said.stderr).toBe(0);
    expect(JSON.parse(answer.said.stdout)).toMatchObject({ hits: [], answer: { kind: 'none', citations: [] } });
    const second = lectern(['up']);
    expect([await second.ended, second.said.stderr]).toEqual([6, expect.stringContaining('conflict')]);

    up.child.kill('SIGINT');
    expect(await up.ended).toBe(0);
    expect(up.said.stderr).toMatch(/stopped\n$/);
    await expect(fetch(`${apiUrl}/health/live`)).rejects.toThrow('fetch failed');
    await expect(fetch(temporalUiUrl!)).rejects.toThrow('fetch failed');
    await expect(access(join(folder, 'data', 'stack.json'))).rejects.toThrow('ENOENT');
  }, 400_000);

  it('names the port that is taken and what to set', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    try {
      const up = lectern(['up'], { LECTERN_PORT: port, LECTERN_DATA: join(folder, 'other') });
      expect(await up.ended).toBe(6);
      expect(up.said.stderr).toContain(port);
      expect(up.said.stderr).toContain('LECTERN_PORT');
    } finally {
      other.close();
    }
  });
});
