import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identifyProcess, isAlive } from './process-identity.ts';
import { supervise } from './supervised-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-supervise-'));
});
afterEach(() => rm(folder, { recursive: true }));

const shell = (script: string) => ({
  name: 'shell',
  command: '/bin/sh',
  args: ['-c', script],
  env: process.env,
  logFile: join(folder, 'shell.log'),
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('supervise', () => {
  it('tells how a program ended and what it said', async () => {
    const child = supervise(shell('echo "no such model" >&2; exit 7'));
    expect(await child.exited).toEqual({ process: 'shell', code: 7 });
    expect(child.logTail()).toBe('no such model');
  });

  it('ends a program that runs', async () => {
    const child = supervise(shell('trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.02; done'));
    await until(async () => child.logTail().includes('ready'));
    await child.stop();
    expect(child.exit()).toEqual({ process: 'shell', code: 0 });
    expect(child.logTail()).toContain('bye');
  });

  it('ends the program when the supervisor is killed', async () => {
    const pidFile = join(folder, 'pid');
    const module = fileURLToPath(new URL('supervised-process.ts', import.meta.url));
    const options = JSON.stringify({
      ...shell(`echo $$ > ${pidFile}.part; mv ${pidFile}.part ${pidFile}; exec sleep 600`),
      env: { PATH: process.env['PATH'] },
    });
    const code = `import { supervise } from ${JSON.stringify(module)}; supervise(${options});`;
    const supervisor = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'ignore' });
    const readPid = () => readFile(pidFile, 'utf8').catch(() => '');
    await until(async () => (await readPid()) !== '');
    const sleeper = await identifyProcess(Number(await readPid()));
    expect(await isAlive(sleeper)).toBe(true);
    supervisor.kill('SIGKILL');
    await until(async () => !(await isAlive(sleeper)));
  });
});
