import { chmodSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFfmpeg } from '../../media/run-ffmpeg.ts';
import { measureWaveform } from '../../media/waveform.ts';
import { DEMO_LECTURE, openWorkbench, type Workbench } from './recordings.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const THREE_HOURS = 3 * 3600;

/** Three hours of 16-bit mono, as a file with a hole in it: it costs no disk. */
async function threeHours(): Promise<string> {
  const path = await bench.make('seed.wav', ['-t', '1', '-i', DEMO_LECTURE, '-ar', '16000', '-bitexact']);
  const file = await open(path, 'r+');
  const bytes = THREE_HOURS * 32_000;
  const sizes = Buffer.alloc(4);
  sizes.writeUInt32LE(bytes);
  await file.write(sizes, 0, 4, 40);
  await file.truncate(44 + bytes);
  await file.close();
  return path;
}

/** Peak memory of the processes that this one started, in bytes. */
function childrenPeakBytes(): number {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  return Math.max(0, ...pids.filter((pid) => pid !== '').map((pid) => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readStatus(pid))?.[1] ?? 0)));
}

function readStatus(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // It ended in between.
  }
}

async function leftovers(): Promise<string[]> {
  return (await readdir(bench.folder)).filter((name) => name.includes('.raw'));
}

test('three hours are decoded and measured in flat memory', async () => {
  const path = await threeHours();
  const out = join(bench.folder, 'long.raw');
  const before = process.memoryUsage().rss;
  let ours = 0;
  let childs = 0;
  let reported = 0;
  const { samples } = await bench.tool.decode(path, out, {
    maxDurationSeconds: THREE_HOURS + 1,
    onProgress: (doneSeconds) => {
      if (doneSeconds < reported + 60) return;
      reported = doneSeconds;
      ours = Math.max(ours, process.memoryUsage().rss - before);
      childs = Math.max(childs, childrenPeakBytes());
    },
  });
  expect(samples).toBe(THREE_HOURS * 16_000);
  expect(reported).toBeGreaterThan(THREE_HOURS - 120);
  expect(childs).toBeGreaterThan(0);
  expect(childs).toBeLessThan(150e6);

  const file = await open(out);
  const { peaks } = await measureWaveform(file.createReadStream(), samples);
  expect(peaks).toHaveLength(2_000);
  ours = Math.max(ours, process.memoryUsage().rss - before);
  expect(ours).toBeLessThan(150e6);
  await rm(out);
});

test('a recording over the limit is refused as soon as that is known, whatever its header says', async () => {
  const out = join(bench.folder, 'over.raw');
  await expect(bench.tool.decode(DEMO_LECTURE, out, { maxDurationSeconds: 60 })).rejects.toMatchObject({
    kind: 'invalid-input',
    message: 'the recording is longer than 0.02 hours',
  });
  expect(await leftovers()).toEqual([]);
});

test('cancelling ends ffmpeg and leaves nothing', async () => {
  const path = await threeHours();
  const abort = new AbortController();
  const decoding = bench.tool.decode(path, join(bench.folder, 'cancelled.raw'), {
    maxDurationSeconds: THREE_HOURS + 1,
    signal: abort.signal,
    onProgress: () => abort.abort(new Error('the user cancelled')),
  });
  await expect(decoding).rejects.toThrow('the user cancelled');
  expect(await leftovers()).toEqual([]);
  expect(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim()).toBe('');
});

test('a full disk is out-of-resources, so that it is tried again', async () => {
  const folder = join(bench.folder, 'full');
  await mkdir(folder);
  await symlink('/dev/full', join(folder, 'out.raw.part'));
  await expect(bench.tool.decode(DEMO_LECTURE, join(folder, 'out.raw'), { maxDurationSeconds: 3600 })).rejects.toMatchObject({
    kind: 'out-of-resources',
    message: expect.stringMatching(/disk is full/),
  });
  expect(await readdir(folder)).toEqual([]);
});

async function script(text: string): Promise<string> {
  const path = join(bench.folder, 'program');
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('the process runs with limits and without our environment', async () => {
  process.env['LECTERN_TEST_SECRET'] = 'do not tell';
  let output = '';
  const program = await script('ulimit -v; ulimit -t; ulimit -c; env');
  const { exitCode } = await runFfmpeg(program, {
    args: [],
    maxCpuSeconds: 7.5,
    stallSeconds: 5,
    onOutput: (chunk) => void (output += chunk.toString()),
  });
  expect(exitCode).toBe(0);
  expect(output.split('\n').slice(0, 3)).toEqual(['3145728', '8', '0']);
  expect(output).not.toContain('do not tell');
});

test('a process that gets nowhere is ended with all that it started', async () => {
  const pidFile = join(bench.folder, 'grandchild');
  const program = await script(`sleep 600 & echo $! > ${pidFile}; wait`);
  const outcome = await runFfmpeg(program, { args: [], maxCpuSeconds: 10, stallSeconds: 0.3, onOutput: () => undefined });
  expect(outcome).toMatchObject({ exitCode: null, stalled: true });
  const state = readStatus(readFileSync(pidFile, 'utf8').trim());
  expect(state === '' || /State:\s+Z/.test(state)).toBe(true);
});

test('a chatty process cannot fill memory with its complaints', async () => {
  const program = await script('i=0; while [ $i -lt 20000 ]; do echo "error: something is wrong with packet $i" >&2; i=$((i+1)); done');
  const { log } = await runFfmpeg(program, { args: [], maxCpuSeconds: 20, stallSeconds: 20, onOutput: () => undefined });
  expect(log.length).toBe(16 * 1024);
});

test('what is decoded replaces what was there only when it is whole', async () => {
  const out = join(bench.folder, 'kept.raw');
  await writeFile(out, 'the result of the run before');
  await expect(bench.tool.decode(DEMO_LECTURE, out, { maxDurationSeconds: 1 })).rejects.toMatchObject({ kind: 'invalid-input' });
  expect((await stat(out)).size).toBe(28);
});
