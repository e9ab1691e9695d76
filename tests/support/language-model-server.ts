import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { GenerateRequest, LanguageModel } from '../../inference/language-model.ts';
import { ANSWER_EXAMPLES } from '../../retrieval/answer-prompt.ts';

export interface LanguageModelServer {
  url: string;
  /** Requests that have come. */
  readonly received: number;
  /** Generations whose reader left before their end. */
  readonly abandoned: number;
  close(): Promise<void>;
}

const RequestSchema = z.object({
  messages: z.array(z.object({ role: z.enum(['system', 'user']), content: z.string() })),
  stream: z.literal(true),
  max_tokens: z.int().optional(),
  stop: z.array(z.string()).optional(),
  options: z.object({ num_predict: z.int(), stop: z.array(z.string()).optional() }).optional(),
});

interface Protocol {
  contentType: string;
  piece: (content: string) => string;
  end: string;
}

/** The name under which the model is served. */
export const SERVED_MODEL = 'gemma3-270m';

const PROTOCOLS: Record<string, Protocol> = {
  '/api/chat': {
    contentType: 'application/x-ndjson',
    piece: (content) => `${JSON.stringify({ model: SERVED_MODEL, message: { role: 'assistant', content }, done: false })}\n`,
    end: `${JSON.stringify({ model: SERVED_MODEL, message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' })}\n`,
  },
  '/v1/chat/completions': {
    contentType: 'text/event-stream',
    piece: (content) => `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`,
    end: 'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
  },
};

const LISTS: Record<string, unknown> = {
  '/api/tags': { models: [{ name: `${SERVED_MODEL}:latest`, model: `${SERVED_MODEL}:latest`, size: 253_113_024 }] },
  '/v1/models': { object: 'list', data: [{ id: SERVED_MODEL, object: 'model' }] },
};

/**
 * A model behind a socket that speaks Ollama's protocol and OpenAI's, streamed. A base model knows no roles: as Ollama's
 * template would, the server shows it the examples of an answer and then what the user says.
 */
export async function startLanguageModelServer(model: LanguageModel, port = 0): Promise<LanguageModelServer> {
  let received = 0;
  let abandoned = 0;
  const server = createServer((request, response) => {
    received += 1;
    void answer(model, request, response).then((whole) => {
      if (!whole) abandoned += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get received() {
      return received;
    },
    get abandoned() {
      return abandoned;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whether the answer was written to its end. */
async function answer(model: LanguageModel, incoming: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const path = incoming.url ?? '';
  const protocol = PROTOCOLS[path];
  if (protocol === undefined) {
    const list = LISTS[path];
    response.writeHead(list === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(list ?? { error: path }));
    return true;
  }
  const left = new AbortController();
  response.once('close', () => left.abort());
  try {
    const request = toGenerateRequest(await text(incoming));
    response.writeHead(200, { 'content-type': protocol.contentType });
    for await (const piece of model.stream({ ...request, signal: left.signal })) response.write(protocol.piece(piece));
    response.end(protocol.end);
    return true;
  } catch (error) {
    if (!left.signal.aborted) response.destroy(error instanceof Error ? error : undefined);
    return false;
  }
}

function toGenerateRequest(body: string): GenerateRequest {
  const { messages, max_tokens: maxTokens, stop, options } = RequestSchema.parse(JSON.parse(body));
  const said = (role: string): string => messages.find((message) => message.role === role)?.content ?? '';
  return {
    system: said('system'),
    prompt: said('user'),
    maxTokens: maxTokens ?? options?.num_predict ?? 100,
    stop: stop ?? options?.stop ?? [],
    examples: ANSWER_EXAMPLES,
  };
}
