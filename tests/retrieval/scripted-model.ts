import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { LanguageModel } from '../../inference/language-model.ts';
import { createOllamaLanguageModel } from '../../inference/ollama/ollama-language-model.ts';

export interface ScriptedModel {
  /** The real client. */
  model: LanguageModel;
  /** Bodies of the requests so far. */
  asked: string[];
  /** What it writes from now on; `null`: the server is out of memory. */
  willSay(reply: string | null): void;
  close(): Promise<void>;
}

/** A server that speaks Ollama's protocol and says what it is told to. */
export async function startScriptedModel(): Promise<ScriptedModel> {
  const asked: string[] = [];
  let reply: string | null = '';
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(body);
      if (reply === null) response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"out of memory"}');
      else response.end(`${JSON.stringify({ model: 'tiny', message: { role: 'assistant', content: reply }, done: true })}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    model: createOllamaLanguageModel({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, model: 'tiny' }),
    asked,
    willSay(next) {
      reply = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
