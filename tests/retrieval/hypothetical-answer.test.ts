import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Hit } from '../../contracts/query.ts';
import { toFoundPassage, toStageContext } from '../../retrieval/found-passage.fixture.ts';
import type { FoundPassage } from '../../retrieval/read-passages.ts';
import { createHypotheticalAnswer } from '../../retrieval/stages/hypothetical-answer.ts';
import { startScriptedModel, type ScriptedModel } from './scripted-model.ts';

let scripted: ScriptedModel;
let lookedFor: string[];

beforeAll(async () => {
  scripted = await startScriptedModel();
});
afterAll(() => scripted.close());
beforeEach(() => {
  scripted.asked.length = 0;
  lookedFor = [];
});

function toPassage(text: string, ordinal: number, score: number, legs: Hit['legs'] = {}): FoundPassage {
  const { hit, chunk } = toFoundPassage(text, { ordinal, score });
  return { hit: { ...hit, legs }, chunk };
}

const first = { rank: 1, score: 1 };
/** Each leg has a best of its own. */
const weak = [toPassage('a', 0, 1, { dense: first }), toPassage('b', 1, 0.9, { bm25: first }), toPassage('c', 2, 0.8, { sparse: first })];
/** What looking for the made-up answer finds. */
const second = [toPassage('c', 2, 2), toPassage('d', 3, 1)];

async function run(passages: FoundPassage[], signal?: AbortSignal): Promise<string> {
  const find = (text: string): Promise<FoundPassage[]> => {
    lookedFor.push(text);
    return Promise.resolve(second);
  };
  const found = await createHypotheticalAnswer(scripted.model).run(passages, toStageContext({ question: 'Why?', find, signal }));
  const scores = found.map(({ hit }) => hit.score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  return found.map(({ chunk }) => chunk.text).join('');
}

it('looks again for an answer that the model makes up, where no two legs agree', async () => {
  scripted.willSay('<think>Well.</think> Ice floats because it is lighter than water.');
  expect(await run(weak)).toBe('cabd');
  expect(lookedFor).toEqual(['Ice floats because it is lighter than water.']);
});

it('asks no model where two legs have the same best passage, and where there is nothing to compare', async () => {
  const agreed = [toPassage('a', 0, 1, { dense: first, bm25: first }), ...weak.slice(1)];
  expect(await run(agreed)).toBe('abc');
  expect(await run([])).toBe('');
  expect(scripted.asked).toEqual([]);
});

it.each([
  ['fails', null],
  ['writes nothing', '  '],
])('leaves the passages as they are when the model %s', async (_, reply) => {
  scripted.willSay(reply);
  expect(await run(weak)).toBe('abc');
  expect(lookedFor).toEqual([]);
});

it('ends when its time is up', async () => {
  await expect(run(weak, AbortSignal.abort(new Error('time is up')))).rejects.toThrow('time is up');
});
