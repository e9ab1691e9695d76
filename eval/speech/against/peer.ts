import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LecternError } from '../../../contracts/errors.ts';
import type { SpeechJob } from './speech-job.ts';

const run = promisify(execFile);

/** A system that a user could pick instead, and how it is run. */
export interface Peer {
  name: string;
  /** As pip reads it. */
  requirement: string;
  script: string;
  task: SpeechJob['task'];
  modes: readonly string[];
}

const PEERS: readonly Peer[] = [
  {
    name: 'faster-whisper',
    requirement: 'faster-whisper==1.2.1',
    script: 'faster_whisper_peer.py',
    task: 'transcribe',
    modes: ['sequential', 'batched'],
  },
  { name: 'senko', requirement: 'senko==0.2.2', script: 'senko_peer.py', task: 'diarize', modes: ['default'] },
];

export const PEER_NAMES = PEERS.map(({ name }) => name);

export function findPeer(name: string): Peer {
  const peer = PEERS.find((one) => one.name === name);
  if (peer === undefined)
    throw new LecternError('invalid-input', `nothing is known of ${name}`, { cure: `Name ${PEER_NAMES.join(' or ')}.` });
  return peer;
}

/** The Python of the peer's own environment below `cacheDir`, made at first. Needs `python3` and a package registry then. */
export async function ensurePeer(peer: Peer, cacheDir: string, note: (line: string) => void): Promise<string> {
  const folder = join(cacheDir, 'peers', peer.requirement.replace('==', '-'));
  const python = join(folder, 'bin', 'python');
  // Written last: without it an installation was cut off.
  const complete = join(folder, 'complete');
  if (await exists(complete)) return python;
  note(`installing ${peer.requirement} into ${folder}`);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', peer.requirement], { maxBuffer: 2 ** 26 });
    await writeFile(complete, '');
  } catch (cause) {
    throw new LecternError('unavailable', `${peer.requirement} could not be installed`, {
      cause,
      cure: 'Check python3, its venv module and the package registry; the next run starts afresh.',
    });
  }
  return python;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
