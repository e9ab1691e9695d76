import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { evaluateRetrieval, type RetrievalEvaluation } from '../../eval/retrieval/evaluate-retrieval.ts';
import { tuneRetrieval } from '../../eval/retrieval/tune/tune-retrieval.ts';

const ASKED = [
  ['Which pigment makes leaves look green?', 'Chlorophyll absorbs red and blue light and reflects the green.'],
  ['Where does the Calvin cycle take place?', 'Carbon dioxide is fixed into sugar in the stroma of the chloroplast.'],
  ['Who proved that symmetries give conservation laws?', 'Emmy Noether showed in 1918 that every continuous symmetry conserves something.'],
  ['What does a repetition code do?', 'Every bit is sent three times, and the receiver takes the majority.'],
  ['How many parity bits protect four data bits?', 'The Hamming code of length seven has three parity bits for four bits of data.'],
  ['Why do economists dislike rent control?', 'A ceiling on rents below the market price leaves fewer flats to let.'],
] as const;

const options = { config: parseConfig(process.env), dataset: 'jsonl', note: () => {} } as const;
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-evaluation-'));
  path = join(folder, 'sample.jsonl');
  const lines = ASKED.map(([question, context]) => JSON.stringify({ question, ground_truth: context, ground_truth_contexts: [context] }));
  await writeFile(path, lines.join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

it('ranks every system through the real index and encoders, and times them', async () => {
  const evaluation: RetrievalEvaluation = await evaluateRetrieval(path, options);
  expect(evaluation).toMatchObject({ dataset: 'sample', questions: 6, passages: 6, shipped: 'shipped' });
  expect(Object.keys(evaluation.systems)).toEqual(expect.arrayContaining(['bm25', 'dense', 'sparse', 'rrf', 'weighted', 'shipped']));
  for (const { ndcg10, r5, r40, mrr10, hit1, p50Ms, p95Ms, intervals } of Object.values(evaluation.systems)) {
    for (const metric of [ndcg10, r5, r40, mrr10, hit1]) expect(metric).toBeGreaterThan(0);
    expect(intervals.ndcg10).not.toBeNull();
    expect(p95Ms).toBeGreaterThanOrEqual(p50Ms);
  }
  // Six passages are fewer than a leg's candidates: the dense leg finds them all, and meaning alone tells these apart.
  expect(evaluation.systems['dense']).toMatchObject({ hit1: 1, r40: 1 });
  expect(evaluation.withinLecture.systems['shipped']?.r40).toBe(1);
});

it('runs what it is told, on part of the questions, and tunes on one half of them', async () => {
  const few = await evaluateRetrieval(path, { ...options, questions: 3, only: ['dense'] });
  expect(few).toMatchObject({ questions: 3, passages: 6 });
  expect(Object.keys(few.systems)).toEqual(['bm25', 'dense', 'shipped']);
  const tuning = await tuneRetrieval(path, options);
  expect([tuning.developmentQuestions, tuning.heldOutQuestions]).toEqual([3, 3]);
  // The grid holds the thirds.
  for (const { development, thirds } of Object.values(tuning.scales)) expect(development).toBeGreaterThanOrEqual(thirds.development);
});
