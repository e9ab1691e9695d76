import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, QueryEvent } from '../../contracts/query.ts';
import type { LanguageModel } from '../../inference/language-model.ts';
import type { LlamaCppLanguageModel } from '../../inference/llama-cpp/llama-cpp-language-model.ts';
import { createOpenAiLanguageModel } from '../../inference/llm/openai-language-model.ts';
import { createOllamaLanguageModel } from '../../inference/ollama/ollama-language-model.ts';
import { SERVED_MODEL, startLanguageModelServer, type LanguageModelServer } from '../support/language-model-server.ts';
import { ensureSmallLanguageModel, openSmallLanguageModel } from '../support/small-language-model.ts';
import { openPlantLecture, TENANT, type PlantLecture } from './plant-lecture.ts';

// Gemma 3 270M, base: enough to see that a real model's text goes the whole way, too small to say anything of quality.
const files = await ensureSmallLanguageModel();
if (typeof files === 'string') console.warn(`skipped: ${files}`);

const request = {
  system: '',
  prompt: 'Question: What do plants need?\nAnswer:',
  examples: [{ prompt: 'Question: What is the capital of France?\nAnswer:', reply: 'Paris.' }],
  maxTokens: 30,
  stop: ['\n'],
};

describe.skipIf(typeof files === 'string')('a small real model', () => {
  let model: LlamaCppLanguageModel;
  let server: LanguageModelServer;
  let lecture: PlantLecture;

  beforeAll(async () => {
    if (typeof files === 'string') return;
    model = await openSmallLanguageModel(files);
    server = await startLanguageModelServer(model);
    lecture = await openPlantLecture();
  });
  afterAll(async () => {
    await lecture?.close();
    await server?.close();
    await model?.close();
  });

  describe('in this process', () => {
    it('writes piece by piece, up to a stop sequence', async () => {
      const pieces: string[] = [];
      for await (const piece of model.stream(request)) pieces.push(piece);
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.join('')).toMatch(/water|light|sun/i);
      expect(pieces.join('')).not.toContain('\n');
    });

    it('keeps to the tokens it is given, and writes the same again', async () => {
      const whole = await model.generate(request);
      const short = await model.generate({ ...request, maxTokens: 2 });
      expect(short.length).toBeLessThan(whole.length);
      expect(whole.startsWith(short)).toBe(true);
      expect(await model.generate(request)).toBe(whole);
    });

    it('stops for a reader who leaves, and is there for the next one', async () => {
      const controller = new AbortController();
      const reading = (async () => {
        for await (const _ of model.stream({ ...request, maxTokens: 2_000, stop: [], signal: controller.signal })) {
          controller.abort(new Error('reader left'));
        }
      })();
      await expect(reading).rejects.toThrow('reader left');
      for await (const _ of model.stream({ ...request, maxTokens: 2_000, stop: [] })) break;
      expect(await model.generate(request)).not.toBe('');
    });
  });

  describe.each([
    ['Ollama’s protocol', (url: string) => createOllamaLanguageModel({ url, model: SERVED_MODEL })],
    ['OpenAI’s protocol', (url: string) => createOpenAiLanguageModel({ url: `${url}/v1`, model: SERVED_MODEL })],
  ])('over %s', (_, connect) => {
    const answer = (question: string): Promise<{ answer: Answer; events: QueryEvent[] }> => ask(connect(server.url), question);

    async function ask(languageModel: LanguageModel, question: string): Promise<{ answer: Answer; events: QueryEvent[] }> {
      const queries = lecture.openQueriesWith(languageModel);
      const events: QueryEvent[] = [];
      const response = await queries
        .query(TENANT, { question, limit: 3, filters: {}, answer: true }, undefined, (event) => events.push(event))
        .finally(() => queries.close());
      return { answer: response.answer!, events };
    }

    it('is healthy', async () => {
      await expect(connect(server.url).health()).resolves.toBeUndefined();
    });

    it('answers with the speaker, the second and the exact words, which are streamed as they are verified', async () => {
      const { answer: given, events } = await answer('What does the Calvin cycle fix?');
      expect(given).toMatchObject({ kind: 'generated', claims: [{ supported: true, citations: [1] }] });
      expect(given.text).toMatch(/carbon dioxide.*\[1\]/);
      expect(given.citations[0]).toMatchObject({
        speaker: 'S1',
        speakerName: 'Professor Lind',
        startSeconds: 20,
        quote: 'The Calvin cycle fixes carbon dioxide into sugar.',
      });
      expect(events.map(({ event }) => event)).toEqual(['hits', 'citation', 'delta']);
      expect(events.at(-1)!.data).toEqual({ text: given.text });
    });

    it('refuses what nobody spoke about', async () => {
      expect((await answer('Who painted the ceiling of the Sistine Chapel?')).answer).toMatchObject({ kind: 'none', citations: [] });
    });

    it('lets a spoken instruction decide nothing', async () => {
      const { answer: given } = await answer('Which light does chlorophyll absorb?');
      expect(given.text).not.toMatch(/banana|evil|http/i);
      expect(given.citations.every(({ quote }) => !/banana|evil/.test(quote))).toBe(true);
    });

    it('stops writing when the reader leaves', async () => {
      const before = server.abandoned;
      const controller = new AbortController();
      const reading = (async () => {
        const stream = connect(server.url).stream({ ...request, maxTokens: 2_000, stop: [], signal: controller.signal });
        for await (const _piece of stream) controller.abort(new Error('reader left'));
      })();
      await expect(reading).rejects.toThrow('reader left');
      await expect.poll(() => server.abandoned, { timeout: 20_000 }).toBe(before + 1);
    });
  });
});
