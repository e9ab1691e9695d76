import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiClient } from '../../cli/api-client.ts';
import type { Answer, QueryResponse } from '../../contracts/query.ts';
import { describeOwnEvaluation, evaluateOwnQuestions } from './evaluate-own-questions.ts';

const lectureId = `lec_${'1'.repeat(24)}`;
const QUOTE = 'You need ten parity bits.';
const words = QUOTE.split(' ').map((text, at) => ({
  text,
  startSeconds: at,
  endSeconds: at + 0.8,
  confidence: 1,
  speaker: 'S1',
  speakerSource: 'overlap',
}));
const transcript = {
  lectureId,
  language: 'en',
  durationSeconds: 5,
  speakers: ['S1'],
  revision: 1,
  speakerNames: { S1: 'Ada' },
  turns: [{ speaker: 'S1', startSeconds: 0, endSeconds: 4.8, words }],
};

/** A service of one lecture, over two pages, that answers everything in the same way. */
function serviceThat(answer: Answer): ApiClient {
  const response: QueryResponse = { question: '', hits: [], answer, timingsMs: { total: 7 }, skipped: [], unheardPhrases: [] };
  return {
    query: () => Promise.resolve(response),
    getTranscript: () => Promise.resolve(JSON.stringify(transcript)),
    listLectures: ({ cursor }: { cursor?: string }) =>
      Promise.resolve(
        cursor === undefined ? { lectures: [], nextCursor: 'more' } : { lectures: [{ lectureId, title: 'Codes' }], nextCursor: null },
      ),
  } as unknown as ApiClient;
}

const citation = { chunkId: 'c', lectureId, speaker: 'S1', startSeconds: 0, endSeconds: 4.8, quote: QUOTE };
const ANSWER: Answer = { text: `${QUOTE} [1]`, kind: 'extractive', model: null, citations: [citation] };
const REFUSAL: Answer = { text: 'Not in the lectures.', kind: 'none', model: null, citations: [] };

let folder: string;
let questions: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-own-'));
  questions = join(folder, 'questions.jsonl');
  const place = { recording: 'Codes', startSeconds: 0, endSeconds: 4 };
  const answerable = {
    question: 'How many?',
    ground_truth: 'Ten.',
    ground_truth_contexts: [place],
    answer_words: [['ten']],
    speaker: 'Ada',
  };
  await writeFile(questions, `${JSON.stringify(answerable)}\n\n${JSON.stringify({ question: 'Who?', ground_truth: null })}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

it('scores answers against places named by title, keeps the figures and compares with them', async () => {
  const save = join(folder, 'before.json');
  const refused = await evaluateOwnQuestions(serviceThat(REFUSAL), questions, { save, onProgress: () => undefined });
  expect(refused.rates.answeredOfAnswerable).toMatchObject({ value: 0, of: 1 });
  expect(refused.rates.refusedOfUnanswerable).toMatchObject({ value: 1, of: 1 });

  const progress: string[] = [];
  const onProgress = (done: number, total: number): void => void progress.push(`${done}/${total}`);
  const answered = await evaluateOwnQuestions(serviceThat(ANSWER), questions, { before: save, onProgress });
  expect(progress).toEqual(['1/2', '2/2']);
  expect(answered.rates).toMatchObject({
    spansExact: { value: 1, of: 2 },
    citationPrecision: { value: 1, of: 1 },
    speakerRight: { value: 1 },
  });
  expect(answered.comparison).toMatchObject({ questions: 2, better: ['How many?'], worse: ['Who?'] });
  const lines = describeOwnEvaluation(answered).join('\n');
  expect(lines).toMatch(/citation recall +100\.0 % +1 .* 0\.0 %/);
  expect(lines).toContain('better  How many?');
});

it('names the line that is wrong', async () => {
  const bad = join(folder, 'bad.jsonl');
  await writeFile(bad, '{"question": "Who?", "ground_truth": null}\n{"question": ""}\n');
  const run = evaluateOwnQuestions(serviceThat(ANSWER), bad, { onProgress: () => undefined });
  await expect(run).rejects.toMatchObject({ kind: 'invalid-input', message: expect.stringContaining('bad.jsonl:2') });
});
