import { join } from 'node:path';
import { LecternError } from '../../../contracts/errors.ts';
import type { ModelFiles } from '../../../inference/models/store.ts';
import { layOutForCTranslate2 } from './ctranslate2-folder.ts';
import { ensureNpmPackages, ensurePythonPackages } from './installation.ts';
import type { JobProgram } from './measure-process.ts';
import type { SpeechJob } from './speech-job.ts';
import { layOutForTransformersJs } from './transformers-js/onnx-folder.ts';
import { writeGgmlFile, type GgmlPrecision } from './whisper-cpp/ggml-file.ts';

/** A system that a user could pick instead, and how it is run. */
export interface Peer {
  name: string;
  task: SpeechJob['task'];
  /** Its ways to do it; a job names one. */
  modes: readonly string[];
  /** Brings it below `cacheDir` where it is not there yet, and gives the program that does a job with it. */
  install(cacheDir: string, note: (line: string) => void): Promise<JobProgram>;
  /** Puts Lectern's own Whisper into `folder`, in the peer's format; absent where the peer brings its weights. */
  layOutWeights?(model: ModelFiles, folder: string, cacheDir: string, note: (line: string) => void): Promise<void>;
}

const WHISPER_NODE = '1.1.3';
const GGML_MODES: readonly GgmlPrecision[] = ['q8_0', 'f16'];

const PEERS: readonly Peer[] = [
  {
    name: 'faster-whisper',
    task: 'transcribe',
    modes: ['sequential', 'batched'],
    install: pythonPeer(['faster-whisper==1.2.1'], 'faster_whisper_peer.py'),
    layOutWeights: layOutForCTranslate2,
  },
  {
    name: 'whisper.cpp',
    task: 'transcribe',
    modes: GGML_MODES,
    install: pythonPeer(['pywhispercpp==1.5.1'], 'whisper-cpp/whisper_cpp_peer.py'),
    layOutWeights: layOutForGgml,
  },
  {
    // The same library by npm. Its build for Linux has no AVX code, which makes it many times slower: no measure of whisper.cpp.
    name: 'whisper.node',
    task: 'transcribe',
    modes: ['q8_0'],
    install: nodePeer(
      [`@fugood/whisper.node@${WHISPER_NODE}`, `@fugood/node-whisper-${process.platform}-${process.arch}@${WHISPER_NODE}`],
      // Else builds for graphics cards come too.
      ['--omit=optional'],
      'whisper-cpp/whisper-node-peer.ts',
    ),
    layOutWeights: layOutForGgml,
  },
  {
    name: 'transformers.js',
    task: 'transcribe',
    modes: ['q8'],
    install: nodePeer(['@huggingface/transformers@4.3.1'], [], 'transformers-js/transformers-js-peer.ts'),
    layOutWeights: layOutForTransformersJs,
  },
  { name: 'senko', task: 'diarize', modes: ['default'], install: pythonPeer(['senko==0.2.2'], 'senko_peer.py') },
];

export const PEER_NAMES = PEERS.map(({ name }) => name);

export function findPeer(name: string): Peer {
  const peer = PEERS.find((one) => one.name === name);
  if (peer === undefined)
    throw new LecternError('invalid-input', `nothing is known of ${name}`, { cure: `Name ${PEER_NAMES.join(' or ')}.` });
  return peer;
}

function pythonPeer(requirements: readonly string[], script: string): Peer['install'] {
  return async (cacheDir, note) => ({
    command: await ensurePythonPackages(requirements, cacheDir, note),
    args: [join(import.meta.dirname, script)],
  });
}

function nodePeer(requirements: readonly string[], flags: readonly string[], script: string): Peer['install'] {
  return async (cacheDir, note) => ({
    command: process.execPath,
    args: [join(import.meta.dirname, script), await ensureNpmPackages(requirements, flags, cacheDir, note)],
  });
}

async function layOutForGgml(model: ModelFiles, folder: string): Promise<void> {
  for (const precision of GGML_MODES) await writeGgmlFile(model, precision, join(folder, `${precision}.bin`));
}
