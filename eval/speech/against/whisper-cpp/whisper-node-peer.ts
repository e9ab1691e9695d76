/**
 * whisper.cpp by `@fugood/whisper.node`: `node whisper-node-peer.ts FOLDER JOB`, the folder in whose `node_modules` it lies and what
 * `speech-job.ts` describes. Greedy with a temperature that rises where a window fails (its binding has no beam search), word times,
 * flash attention. Language is found, as Lectern is not told it either.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runPeerJob } from '../peer-job.ts';

interface WhisperNode {
  initWhisper: (options: { filePath: string; useGpu: boolean; useFlashAttn: boolean }) => Promise<{
    transcribeFile(path: string, options: object): { promise: Promise<{ segments: { text: string; t0: number; t1: number }[] }> };
    release(): Promise<void>;
  }>;
}

const [, , packages = '', jobPath = ''] = process.argv;

await runPeerJob(jobPath, async ({ modelDir, mode, threads }) => {
  const { initWhisper } = createRequire(join(packages, 'package.json'))('@fugood/whisper.node') as WhisperNode;
  const context = await initWhisper({ filePath: join(modelDir, `${mode}.bin`), useGpu: false, useFlashAttn: true });
  const options = { maxThreads: threads, language: 'auto', tokenTimestamps: true, maxLen: 1 };
  return async (path) => {
    const { segments } = await context.transcribeFile(path, options).promise;
    return joinTokens(segments.map(({ text, t0, t1 }) => ({ text, startSeconds: t0 / 1000, endSeconds: t1 / 1000 })));
  };
});

/** Its segments are tokens: one that begins with a space begins a word. */
function joinTokens(tokens: readonly { text: string; startSeconds: number; endSeconds: number }[]): typeof words {
  const words: { text: string; startSeconds: number; endSeconds: number }[] = [];
  for (const token of tokens) {
    const last = words.at(-1);
    if (last === undefined || token.text.startsWith(' ')) words.push({ ...token });
    else words.splice(-1, 1, { ...last, text: last.text + token.text, endSeconds: token.endSeconds });
  }
  return words.map((word) => ({ ...word, text: word.text.trim() })).filter(({ text }) => text !== '');
}
