import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createOllamaLanguageModel } from './ollama-language-model.ts';

// Speaks Ollama's HTTP protocol (docs/api.md of Ollama); the client is the real one.
let server: Server | undefined;

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(handle);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

describe('createOllamaLanguageModel', () => {
  it('sends system, prompt and limits, and returns the text', async () => {
    let received: unknown;
    const url = await serve((request, response) => {
      void text(request).then((body) => {
        received = { path: request.url, body: JSON.parse(body) as unknown };
        json(response, { model: 'tiny', created_at: new Date(), message: { role: 'assistant', content: 'Because.' }, done: true });
      });
    });
    const model = createOllamaLanguageModel({ url, model: 'tiny' });
    const request = { system: 'Be brief.', prompt: 'Why?', maxTokens: 20, stop: ['\n\n'], format: { type: 'object' } };
    expect(await model.generate(request)).toBe('Because.');
    expect(model.name).toBe('ollama/tiny');
    expect(received).toEqual({
      path: '/api/chat',
      body: {
        model: 'tiny',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Why?' },
        ],
        stream: true,
        options: { temperature: 0, num_predict: 20, num_ctx: 8192, stop: ['\n\n'] },
        format: { type: 'object' },
      },
    });
  });

  it.each([
    [
      'an error of the server',
      (response: ServerResponse) => json(response, { error: 'out of memory' }, 500),
      'unavailable',
      /500.*out of memory/,
    ],
    ['a proxy’s page', (response: ServerResponse) => response.writeHead(502).end('<html>'), 'unavailable', /502/],
    ['a missing model', (response: ServerResponse) => json(response, { error: 'model "tiny" not found' }, 404), 'model-missing', /tiny/],
    ['a cut connection', (response: ServerResponse) => response.destroy(), 'unavailable', /cannot be reached/],
  ])('types %s', async (_, answer, kind, message) => {
    const url = await serve((_request, response) => {
      answer(response);
    });
    const model = createOllamaLanguageModel({ url, model: 'tiny' });
    await expect(model.generate({ system: '', prompt: '', maxTokens: 1 })).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(message),
    });
  });

  it('types a stall', async () => {
    const url = await serve(() => undefined);
    const model = createOllamaLanguageModel({ url, model: 'tiny', stallLimits: { firstMs: 200, nextMs: 200 } });
    await expect(model.generate({ system: '', prompt: '', maxTokens: 1 })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/did not answer in time/) as string,
    });
  });

  it('ends with the reader’s own signal, not with an error of the server', async () => {
    const url = await serve(() => undefined);
    const controller = new AbortController();
    const answer = createOllamaLanguageModel({ url, model: 'tiny' }).generate({
      system: '',
      prompt: '',
      maxTokens: 1,
      signal: controller.signal,
    });
    controller.abort(new Error('reader left'));
    await expect(answer).rejects.toThrow('reader left');
  });

  it('is healthy with the model there, and says how to get it otherwise', async () => {
    const url = await serve((_request, response) => json(response, { models: [{ name: 'tiny:latest' }, { name: 'big:70b' }] }));
    await createOllamaLanguageModel({ url, model: 'tiny' }).health();
    await createOllamaLanguageModel({ url, model: 'big:70b' }).health();
    await expect(createOllamaLanguageModel({ url, model: 'big' }).health()).rejects.toMatchObject({
      kind: 'model-missing',
      cure: expect.stringContaining('ollama pull big'),
    });
  });

  it('is unavailable where nothing listens', async () => {
    const url = await serve(() => undefined);
    await new Promise((resolve) => server!.close(resolve));
    await expect(createOllamaLanguageModel({ url, model: 'tiny' }).health()).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
