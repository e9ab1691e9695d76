import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRunningStack } from '../../cli/embedded/stack-state.ts';
import { startStack } from '../../cli/embedded/stack.ts';
import { parseConfig } from '../../contracts/config.ts';
import { onFreePorts } from './stack-config.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lectern-stack-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const config = () => onFreePorts(parseConfig(process.env), dataDir);
const silent = () => undefined;

/** Processes of the stack on this test's folder, by what they run. */
function stackProcesses(): { pid: number; command: string }[] {
  const read = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .filter((entry) => read(entry, 'environ').includes(dataDir) || read(entry, 'cmdline').includes(dataDir))
    .map((entry) => ({ pid: Number(entry), command: read(entry, 'cmdline').replaceAll('\0', ' ') }));
}

async function untilGone(): Promise<void> {
  while (stackProcesses().length > 0) await sleep(100);
}

describe('the embedded stack', () => {
  it('starts whole, is found, keeps its key, and leaves nothing running', async () => {
    const stack = await startStack(config(), silent);
    const health = await fetch(`${stack.apiUrl}/health/ready`);
    expect(health.status).toBe(200);
    expect(await findRunningStack(dataDir)).toMatchObject({ apiUrl: stack.apiUrl, temporalAddress: stack.temporalAddress });
    expect((await fetch(stack.temporalUiUrl ?? '')).ok).toBe(true);
    expect(statSync(join(dataDir, 'api-key')).mode & 0o777).toBe(0o600);
    const lectures = await fetch(`${stack.apiUrl}/api/v1/lectures`, { headers: { authorization: `Bearer ${stack.apiKey}` } });
    expect(lectures.status).toBe(200);

    await expect(startStack(config(), silent)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(String(process.pid)) as string,
    });

    await stack.stop();
    expect(stackProcesses()).toEqual([]);
    expect(await findRunningStack(dataDir)).toBeUndefined();
    expect(existsSync(join(dataDir, 'stack.lock'))).toBe(false);

    const again = await startStack(config(), silent);
    expect(again.apiKey).toBe(stack.apiKey);
    await again.stop();
  });

  it('explains a taken port and does not hold on to its folder', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const taken = { ...config(), LECTERN_TEMPORAL_PORT: port };
    await expect(startStack(taken, silent)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(String(port)) as string,
      cure: expect.stringContaining('LECTERN_TEMPORAL_PORT') as string,
    });
    await new Promise((resolve) => server.close(resolve));
    expect(existsSync(join(dataDir, 'stack.lock'))).toBe(false);
    expect(stackProcesses()).toEqual([]);
  });

  it('notices a process that dies', async () => {
    const stack = await startStack(config(), silent);
    const worker = stackProcesses().find(({ command }) => /^\S*node \S*worker\/main\.ts/.test(command));
    process.kill(worker?.pid ?? -1, 'SIGKILL');
    expect(await stack.exited).toMatchObject({ process: 'worker', code: 137 });
    await stack.stop();
    expect(stackProcesses()).toEqual([]);
  });

  it('ends with its supervisor, even when that is killed', async () => {
    const script = fileURLToPath(new URL('supervisor.ts', import.meta.url));
    const supervisor = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => supervisor.stdout.once('data', resolve));
    expect(stackProcesses().length).toBeGreaterThanOrEqual(3);
    supervisor.kill('SIGKILL');
    await untilGone();
    // What the killed one left behind stands in nobody's way.
    const stack = await startStack(config(), silent);
    await stack.stop();
  });
});
