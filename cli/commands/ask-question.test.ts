import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Answer, QueryEvent, QueryResponse } from '../../contracts/query.ts';
import type { ApiClient } from '../api-client.ts';
import { createOutput, type Output } from '../output.ts';
import { askQuestion, converse, type Question } from './ask-question.ts';

const lectureId = 'lec_000000000000000000000001';

function responseOf(text: string, changes: Partial<Answer> = {}): QueryResponse {
  const citation = { chunkId: 'c', lectureId, speaker: 'S1', speakerName: 'Ada', startSeconds: 83, endSeconds: 85, quote: 'So it is.' };
  const answer: Answer = { text, kind: 'generated', model: 'test/model', citations: [citation], ...changes };
  return { question: '', hits: [], answer, timingsMs: {}, skipped: [], unheardPhrases: [] };
}

/** A terminal, or a file, and what was written to it. */
function outputTo(isTTY: boolean, json = false): { output: Output; out: () => string; err: () => string } {
  const written = { out: '', err: '' };
  const stdout = { isTTY, write: (text: string) => (written.out += text) };
  const stderr = { isTTY, write: (text: string) => (written.err += text) };
  return { output: createOutput(stdout, stderr, { json, color: false }), out: () => written.out, err: () => written.err };
}

/** An API that answers with these responses in turn, after these deltas where it is asked for a stream. */
function apiWith(responses: readonly QueryResponse[], deltas: readonly string[] = []): ApiClient & { asked: Question[] } {
  const asked: Question[] = [];
  const next = (question: Question): Promise<QueryResponse> => {
    asked.push(structuredClone(question));
    return Promise.resolve(responses[asked.length - 1]!);
  };
  return {
    asked,
    query: next,
    streamQuery: (question: Question, onEvent: (event: QueryEvent) => void) => {
      for (const text of deltas) onEvent({ event: 'delta', data: { text } });
      return next(question);
    },
  } as unknown as ApiClient & { asked: Question[] };
}

const CITATION = `  [1] ${lectureId}, 1:23 to 1:25, Ada: "So it is."\n`;

describe('askQuestion', () => {
  it('shows the text on a terminal as it is written, and its citations after it', async () => {
    const { output, out } = outputTo(true);
    await askQuestion(apiWith([responseOf('It is [1]. So [1].')], ['It is [1].', ' So [1].']), output, { question: 'Is it?' });
    expect(out()).toBe(`It is [1]. So [1].\n${CITATION}`);
  });

  it('shows the answer that counts where a model broke off', async () => {
    const { output, out, err } = outputTo(true);
    const api = apiWith([responseOf('So it is. [1]', { kind: 'extractive', notice: 'It broke off.' })], ['It is [1].']);
    await askQuestion(api, output, { question: 'Is it?' });
    expect(out()).toBe(`It is [1].\nSo it is. [1]\n${CITATION}`);
    expect(err()).toContain('It broke off.');
  });

  it('shows the nearest passages where nothing answers, cut at a word', async () => {
    const { output, out } = outputTo(false);
    const refusal = responseOf('Not in the lectures.', { kind: 'none', citations: [] });
    const span = { startSeconds: 83, endSeconds: 95 };
    const hit = { chunkId: 'c', lectureId, title: 'Codes', speaker: 'S1', speakerName: 'Ada', score: 1, legs: {}, ...span };
    const hits = [
      { ...hit, text: 'Short.' },
      { ...hit, text: 'parity '.repeat(40) },
    ];
    await askQuestion(apiWith([{ ...refusal, hits }]), output, { question: 'Is it?' });
    expect(out()).toContain('Not in the lectures.\n  nearest: Codes, 1:23, Ada: "Short."\n');
    expect(out()).toContain('parity ..."');
  });

  it('says what no passage bears out', async () => {
    const { output, err } = outputTo(false);
    const claims = [{ text: 'It is.', supported: false, citations: [] }];
    await askQuestion(apiWith([responseOf('It is [?].', { claims })]), output, { question: 'Is it?' });
    expect(err()).toContain('[?]: no passage found says so.');
  });

  it('prints one document with --json, without a stream', async () => {
    const { output, out } = outputTo(true, true);
    const response = responseOf('It is [1].');
    await askQuestion(apiWith([response], ['never']), output, { question: 'Is it?' });
    expect(out()).toBe(`${JSON.stringify(response)}\n`);
  });
});

describe('converse', () => {
  it('sends what was asked and answered before with each line, up to an empty one', async () => {
    const { output, err } = outputTo(false);
    const api = apiWith([responseOf('One.'), { ...responseOf('Two.'), rewritten: 'What about two?' }, responseOf('Three.')]);
    await converse(api, output, { question: 'One?', limit: 3 }, Readable.from(['And two?\n  Three?  \n\nnever\n']));
    const [one, two] = [
      { question: 'One?', answer: 'One.' },
      { question: 'And two?', answer: 'Two.' },
    ];
    expect(api.asked).toEqual([
      { question: 'One?', limit: 3, history: [] },
      { question: 'And two?', limit: 3, history: [one] },
      { question: 'Three?', limit: 3, history: [one, two] },
    ]);
    expect(err()).toContain('looked for: What about two?');
  });

  it('sends no more turns than the API takes', async () => {
    const { output } = outputTo(false);
    const api = apiWith(Array.from({ length: 12 }, (_, at) => responseOf(`${at}`)));
    await converse(api, output, { question: 'q0' }, Readable.from([Array.from({ length: 11 }, (_, at) => `q${at + 1}\n`).join('')]));
    expect(api.asked.at(-1)!.history!.map(({ question }) => question)).toEqual(['q3', 'q4', 'q5', 'q6', 'q7', 'q8', 'q9', 'q10']);
  });
});
