import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { AnswersEvaluation } from '../evaluate-answers.ts';
import type { AnswerScore } from '../score-answer.ts';
import { summarizeAnswers } from '../summarize-answers.ts';
import { writeAnswersReport } from './write-answers-report.ts';

const score = (changes: Partial<AnswerScore>): AnswerScore => ({
  kind: 'why',
  split: 'test',
  answerable: true,
  answered: true,
  citations: 1,
  exact: 1,
  onTarget: 1,
  places: 1,
  found: true,
  support: { claims: 1, supported: 1, citations: 1, needed: 1 },
  hit: true,
  speakerRight: null,
  bleu: null,
  milliseconds: 12,
  ...changes,
});

it('has the figures with their intervals, the command and the plot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-answers-'));
  try {
    const rates = summarizeAnswers([score({}), score({ onTarget: 0, found: false }), score({ answerable: false, places: 0, onTarget: 0 })]);
    const asked = { question: 'Why?', split: 'test' as const, kind: 'why', answerable: true, answer: 'extractive' as const };
    const evaluation: AnswersEvaluation = {
      entailment: 'lexical',
      models: [],
      recordings: 3,
      all: rates,
      dev: summarizeAnswers([]),
      test: rates,
      byKind: { why: rates },
      similarity: 0.51,
      questions: [{ ...asked, cited: ['x 1.00-2.00'], found: true, hit: true, speakerRight: null, milliseconds: 12 }],
    };
    const path = await writeAnswersReport(folder, evaluation, 'npm run eval -- answers data');
    const [markdown, json, svg] = await Promise.all(['md', 'json', 'svg'].map((type) => readFile(`${path}.${type}`, 'utf8')));
    expect(markdown).toContain('npm run eval -- answers data');
    expect(markdown).toMatch(/\| refusal accuracy \| 66\.7 % \(.+ to .+\) of 3 \|/);
    expect(markdown).toContain('| why | 3 | 66.7 % of 3 | 50.0 % of 2 |');
    expect(markdown).toContain('![Answers, citations and refusals](answers.svg)');
    expect(JSON.parse(json ?? '')).toMatchObject({ test: { citationPrecision: { value: 0.5, of: 2 } }, similarity: 0.51 });
    expect(svg).toContain('citation precision');
  } finally {
    await rm(folder, { recursive: true });
  }
});
