import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../language-model.ts';
import { createAnthropicLanguageModel } from './anthropic-language-model.ts';
import { createOpenAiLanguageModel } from './openai-language-model.ts';

// Speaks the wire formats of OpenAI's chat completions and of Anthropic's messages, over real sockets.
let server: Server | undefined;

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(handle);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

const KEY = 'sk-very-secret-1234';
const stallLimits = { firstMs: 300, nextMs: 300 };
const PROVIDERS = {
  openai: {
    create: (url: string): LanguageModel => createOpenAiLanguageModel({ url: `${url}/v1/`, model: 'tiny', apiKey: KEY, stallLimits }),
    path: '/v1/chat/completions',
    key: (request: IncomingMessage) => request.headers.authorization,
    sentKey: `Bearer ${KEY}`,
    body: {
      model: 'tiny',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Why?' },
      ],
      stream: true,
      temperature: 0,
      max_tokens: 20,
      stop: ['\n'],
    },
    opening: 'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n',
    piece: (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`,
    end: 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{}}\n\ndata: [DONE]\n\n',
    failure: 'data: {"error":{"message":"out of memory"}}\n\n',
  },
  anthropic: {
    create: (url: string): LanguageModel => createAnthropicLanguageModel({ url, model: 'tiny', apiKey: KEY, stallLimits }),
    path: '/v1/messages',
    key: (request: IncomingMessage) => request.headers['x-api-key'],
    sentKey: KEY,
    body: {
      model: 'tiny',
      max_tokens: 20,
      temperature: 0,
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'Why?' }],
      stream: true,
      stop_sequences: ['\n'],
    },
    opening:
      'event: message_start\ndata: {"type":"message_start","message":{}}\n\nevent: content_block_start\ndata: {"type":"content_block_start"}\n\nevent: ping\ndata: {"type": "ping"}\n\n',
    piece: (words: string) =>
      `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', delta: { type: 'text_delta', text: words } })}\n\n`,
    end: 'event: content_block_stop\ndata: {}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
    failure: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"out of memory"}}\n\n',
  },
};

const request = { system: 'Be brief.', prompt: 'Why?', maxTokens: 20, stop: ['\n'] };

describe.each(Object.entries(PROVIDERS))('%s', (_, provider) => {
  it('sends system, prompt, limits and key, and passes on each piece as it comes', async () => {
    let received: unknown;
    let goOn = (): void => undefined;
    const url = await serve((incoming, response) => {
      void text(incoming).then((body) => {
        received = { path: incoming.url, key: provider.key(incoming), body: JSON.parse(body) as unknown };
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(provider.opening + provider.piece('Be'));
        goOn = () => response.end(provider.piece('cause.') + provider.end);
      });
    });
    const pieces: string[] = [];
    for await (const piece of provider.create(url).stream(request)) {
      pieces.push(piece);
      // The rest is sent only once the first piece has been read: nothing waits for the end.
      if (pieces.length === 1) goOn();
    }
    expect(pieces).toEqual(['Be', 'cause.']);
    expect(received).toEqual({ path: provider.path, key: provider.sentKey, body: provider.body });
  });

  it.each([
    ['a refused key', 401, `{"error":"Incorrect API key provided: ${KEY}"}`, 'unavailable', /answered 401: it refuses the key/],
    ['too many requests', 429, 'slow down', 'rate-limited', /429/],
    ['a missing model', 404, 'no such model', 'model-missing', /404/],
    ['a prompt that is too long', 400, 'context length', 'invalid-input', /400/],
    ['a proxy’s page', 502, `<html>key: ${KEY}`, 'unavailable', /502: <html>key: \[key\]/],
    ['an error in mid-stream', 200, provider.piece('It') + provider.failure, 'unavailable', /gave up: out of memory/],
    ['an end in mid-stream', 200, provider.piece('It'), 'unavailable', /broke off/],
    ['nonsense', 200, 'event: content_block_delta\ndata: nonsense\n\n', 'unavailable', /broke off/],
  ])('types %s, and keeps the key to itself', async (_case, status, body, kind, message) => {
    const url = await serve((_request, response) => response.writeHead(status).end(body));
    const failure = await provider
      .create(url)
      .generate(request)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(JSON.stringify([String(failure), failure])).not.toContain(KEY);
  });

  it('types a cut connection, a stall before the first piece and one after it', async () => {
    const cut = await serve((_request, response) => {
      response.writeHead(200).write(provider.piece('It'), () => response.destroy());
    });
    await expect(provider.create(cut).generate(request)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('broke off'),
    });
    server!.close();
    for (const beginning of ['', provider.piece('It')]) {
      const silent = await serve((_request, response) => void (beginning === '' || response.writeHead(200).write(beginning)));
      await expect(provider.create(silent).generate(request)).rejects.toThrow('did not answer in time');
      server!.closeAllConnections();
      server!.close();
    }
  });

  it('hangs up when its reader leaves', async () => {
    let hungUp: Promise<void> | undefined;
    const url = await serve((_request, response) => {
      hungUp = new Promise((resolve) => response.once('close', resolve));
      response.writeHead(200).write(provider.piece('It') + provider.piece('goes'));
    });
    for await (const _piece of provider.create(url).stream(request)) break;
    await hungUp;
    const controller = new AbortController();
    const reading = provider.create(url).generate({ ...request, signal: controller.signal });
    controller.abort(new Error('reader left'));
    await expect(reading).rejects.toThrow('reader left');
  });

  it('is healthy where its server answers, and says what is wrong otherwise', async () => {
    let status = 200;
    const url = await serve((_request, response) => response.writeHead(status).end('{}'));
    await provider.create(url).health();
    status = 401;
    await expect(provider.create(url).health()).rejects.toThrow('401');
  });
});
