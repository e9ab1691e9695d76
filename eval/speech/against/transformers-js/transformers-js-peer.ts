/**
 * transformers.js' side of a comparison: `node transformers-js-peer.ts FOLDER JOB`, the folder in whose `node_modules` it lies and
 * what `speech-job.ts` describes. Its speech pipeline at `q8` with word times, in chunks of 30 s that overlap by 5 s, as its
 * documentation has it for long audio. It decodes greedily. It takes speech for English unless it is told: so it is.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runPeerJob } from '../peer-job.ts';
import { WAV_HEADER_BYTES } from '../wav.ts';

interface Chunk {
  text: string;
  timestamp: [start: number, end: number | null];
}

interface TransformersJs {
  env: { allowRemoteModels: boolean; localModelPath: string };
  pipeline: (
    task: string,
    model: string,
    options: object,
  ) => Promise<(audio: Float32Array, options: object) => Promise<{ chunks?: Chunk[] }>>;
}

const [, , packages = '', jobPath = ''] = process.argv;

await runPeerJob(jobPath, async ({ modelDir, mode, threads }) => {
  const entry = join(packages, 'node_modules/@huggingface/transformers/dist/transformers.node.mjs');
  const { env, pipeline } = (await import(pathToFileURL(entry).href)) as TransformersJs;
  env.allowRemoteModels = false;
  env.localModelPath = modelDir;
  const session = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const transcribe = await pipeline('automatic-speech-recognition', 'whisper', { dtype: mode, device: 'cpu', session_options: session });
  return async (path, language) => {
    const options = { return_timestamps: 'word', chunk_length_s: 30, stride_length_s: 5, language };
    const { chunks = [] } = await transcribe(await readWav(path), options);
    return chunks.map(({ text, timestamp: [start, end] }) => ({ text: text.trim(), startSeconds: start, endSeconds: end ?? start }));
  };
});

async function readWav(path: string): Promise<Float32Array> {
  const bytes = await readFile(path);
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset + WAV_HEADER_BYTES, bytes.byteOffset + bytes.byteLength));
  return Float32Array.from(samples, (sample) => sample / 32_768);
}
