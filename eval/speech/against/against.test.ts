import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { alternate, summarizeRounds } from './alternate.ts';
import { relate } from './compare.ts';
import { toVocabulary } from './ctranslate2-folder.ts';
import { measureProcess } from './measure-process.ts';
import { findPeer } from './peer.ts';
import type { JobResult, SpeechJob } from './speech-job.ts';
import { toWav } from './wav.ts';

const result = (workSeconds: number, peakMemoryBytes = 1): JobResult => ({
  loadSeconds: 0,
  workSeconds,
  processorSeconds: 2 * workSeconds,
  peakMemoryBytes,
  files: [{ file: 'a.wav', text: 'a', turns: [] }],
});

test('everybody runs once a round, and nobody always first', async () => {
  const order: string[] = [];
  const contender = (name: string, seconds: number[]) => ({
    name,
    run: () => {
      order.push(name);
      return Promise.resolve(result(seconds.shift() ?? 0));
    },
  });
  const contests = await alternate([contender('A', [5, 1, 3]), contender('B', [2, 2, 8])], 3, () => undefined);
  expect(order.join('')).toBe('ABBAAB');
  expect(contests.map(({ name, workSeconds }) => [name, workSeconds])).toEqual([
    ['A', 3],
    ['B', 2],
  ]);
  expect(contests[0]?.rounds).toHaveLength(3);
  expect(summarizeRounds([result(1), result(2)]).processorSeconds).toBe(3);
});

test('Lectern is held against the better text and the faster mode', () => {
  const systems = [
    { wer: 0.1, derByFolder: {}, workSeconds: 10, peakMemoryBytes: 300 },
    { wer: 0.09, derByFolder: {}, workSeconds: 30, peakMemoryBytes: 100 },
    { wer: 0.11, derByFolder: { x: 0.5 }, workSeconds: 25, peakMemoryBytes: 600 },
  ];
  expect(relate(systems)).toEqual({ wer: 0.09, speedRatio: 2.5, memoryRatio: 0.5, derByFolder: { x: 0.5 } });
  expect(() => findPeer('nemo')).toThrow(/Name faster-whisper|nothing is known/);
});

const job: SpeechJob = { task: 'transcribe', mode: 'default', threads: 2, modelDir: '', files: [] };

test('a process is given its job and its threads, its answer is read and its failure told', async () => {
  const program = `const job = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
    console.log(JSON.stringify({ loadSeconds: job.threads, workSeconds: Number(process.env.OMP_NUM_THREADS), processorSeconds: 0, peakMemoryBytes: 9e12, files: [] }))`;
  const measured = await measureProcess({ command: process.execPath, args: ['-e', program] }, job);
  expect(measured).toEqual({ loadSeconds: 2, workSeconds: 2, processorSeconds: 0, peakMemoryBytes: 9e12, files: [] });
  await expect(measureProcess({ command: process.execPath, args: ['-e', 'throw new Error("no weights")'] }, job)).rejects.toThrow(
    /no weights/,
  );
  await expect(measureProcess({ command: '/nowhere/python', args: [] }, job)).rejects.toThrow(/ENOENT/);
});

test('samples become a WAV file that Python reads', () => {
  const read =
    'import sys, wave; w = wave.open(sys.stdin.buffer); print(w.getnchannels(), w.getsampwidth(), w.getframerate(), w.getnframes())';
  expect(execFileSync('python3', ['-c', read], { input: toWav(new Uint8Array(640)) }).toString()).toBe('1 2 16000 320\n');
});

test('a vocabulary is in the order of its numbers, added tokens with the others, times last', () => {
  const tokenizer = { model: { vocab: { b: 1, a: 0 } }, added_tokens: [{ id: 2, content: '<|en|>' }] };
  const vocabulary = toVocabulary(tokenizer);
  expect(vocabulary).toHaveLength(3 + 1501);
  expect([...vocabulary.slice(0, 5), vocabulary.at(-1)]).toEqual(['a', 'b', '<|en|>', '<|0.00|>', '<|0.02|>', '<|30.00|>']);
});
