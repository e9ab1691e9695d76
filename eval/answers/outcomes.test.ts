import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareOutcomes, readSavedEvaluation, savedRate, type Outcome } from './outcomes.ts';

const outcome = (question: string, right: boolean, found: boolean | null = null): Outcome => ({ question, right, found, hit: null });

it('compares question by question, whatever the order, and leaves out what one of the two was not asked', () => {
  const before = [outcome('a', true, true), outcome('b', false), outcome('c', true, false), outcome('gone', true)];
  const now = [outcome('new', true), outcome('c', true, true), outcome('b', true), outcome('a', false, false)];
  expect(compareOutcomes(now, before)).toEqual({ questions: 3, better: ['c', 'b'], worse: ['a'], p: 1 });
});

it('tells a change that chance hardly makes', () => {
  const all = (right: boolean): Outcome[] => Array.from({ length: 20 }, (_, index) => outcome(`q${index}`, right));
  expect(compareOutcomes(all(true), all(false)).p).toBeLessThan(0.001);
  expect(compareOutcomes(all(true), all(true))).toMatchObject({ better: [], worse: [], p: 1 });
});

it('reads what was saved, and says what is no evaluation', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-outcomes-'));
  try {
    const [saved, other] = [join(folder, 'saved.json'), join(folder, 'other.json')];
    await writeFile(saved, JSON.stringify({ rates: { answerHit: { value: 0.5, of: 2 } }, outcomes: [outcome('a', true)] }));
    await writeFile(other, '{"speech": 1}');
    const evaluation = await readSavedEvaluation(saved);
    expect(savedRate(evaluation.rates['answerHit'])).toBe(0.5);
    expect(savedRate(evaluation.rates['bleu'])).toBeNull();
    await expect(readSavedEvaluation(other)).rejects.toMatchObject({ kind: 'invalid-input' });
    await expect(readSavedEvaluation(join(folder, 'none.json'))).rejects.toMatchObject({ kind: 'not-found' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
