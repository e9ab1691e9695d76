import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../contracts/query.ts';
import { toLanguageModel, type LanguageModel } from '../../inference/language-model.ts';
import { createLanguageModelChain, type LanguageModelChain } from '../../inference/llm/language-model-chain.ts';
import { createOllamaLanguageModel } from '../../inference/ollama/ollama-language-model.ts';
import type { QueryService } from '../../retrieval/query.ts';
import { SERVED_MODEL } from '../support/language-model-server.ts';
import { ensureSmallLanguageModel, type SmallModelFiles } from '../support/small-language-model.ts';
import { openPlantLecture, TENANT, type PlantLecture } from './plant-lecture.ts';

const files = await ensureSmallLanguageModel();
if (typeof files === 'string') console.warn(`skipped: ${files}`);

const COOL_DOWN_MS = 2_000;
/** It loads the model twice, and a busy machine takes its time for that. */
const TIMEOUT_MS = 400_000;
const QUESTION = 'What does the Calvin cycle fix?';

/** A process of its own with the model behind a socket, to be killed. */
async function serve({ libraryFolder, modelPath }: SmallModelFiles, port: number): Promise<{ process: ChildProcess; url: string }> {
  const script = fileURLToPath(new URL('serving-process.ts', import.meta.url));
  const server = spawn(process.execPath, [script, libraryFolder, modelPath, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await Promise.race([
    once(createInterface(server.stdout), 'line'),
    once(server, 'exit').then(([code]) => {
      throw new Error(`serving-process.ts ended with ${String(code)} before it listened`);
    }),
  ])) as [string];
  return { process: server, url };
}

describe.skipIf(typeof files === 'string')('a language model whose server is killed in mid-text', () => {
  let server: { process: ChildProcess; url: string };
  let lecture: PlantLecture;
  let queries: QueryService & { close(): Promise<void> };
  let chain: LanguageModelChain;
  let now = 0;
  let requests = 0;
  let onPiece: () => void = () => undefined;

  beforeAll(async () => {
    if (typeof files === 'string') return;
    server = await serve(files, 0);
    lecture = await openPlantLecture();
    const model = createOllamaLanguageModel({ url: server.url, model: SERVED_MODEL });
    // A clock of its own, so that the cool-down is over when the test says so.
    chain = createLanguageModelChain([observed(model)], { maxFailures: 1, coolDownMs: COOL_DOWN_MS, now: () => now });
    queries = lecture.openQueriesWith(chain);
  });
  afterAll(async () => {
    server?.process.kill('SIGKILL');
    await queries?.close();
    await lecture?.close();
  });

  function observed(model: LanguageModel): LanguageModel {
    return toLanguageModel({
      ...model,
      async *stream(request) {
        requests += 1;
        for await (const piece of model.stream(request)) {
          onPiece();
          yield piece;
        }
      },
    });
  }

  async function ask(): Promise<Answer> {
    const { answer } = await queries.query(TENANT, { question: QUESTION, limit: 3, filters: {}, answer: true });
    return answer!;
  }

  it(
    'opens its breaker, ends the answer in the speakers’ own words and says so; the next probe closes it',
    { timeout: TIMEOUT_MS },
    async () => {
      expect(await ask()).toMatchObject({ kind: 'generated', model: `ollama/${SERVED_MODEL}` });

      // The server dies with the first piece of its text under way to the reader.
      onPiece = () => server.process.kill('SIGKILL');
      const cutOff = await ask();
      onPiece = () => undefined;
      expect(cutOff).toMatchObject({ kind: 'extractive', model: null, notice: expect.stringContaining('broke off') });
      expect(cutOff.citations[0]).toMatchObject({ speakerName: 'Professor Lind', quote: expect.stringContaining('Calvin cycle') });
      expect(chain.states()[0]).toMatchObject({ state: 'open', failures: 1 });
      await expect(chain.checks[`ollama/${SERVED_MODEL}`]!()).rejects.toThrow('its breaker is open');

      // While it is open nobody waits for the dead server.
      const before = requests;
      expect(await ask()).toMatchObject({ kind: 'extractive', notice: expect.stringContaining('its breaker is open') });
      expect(requests).toBe(before);

      // A probe that fails opens it again.
      now += COOL_DOWN_MS;
      expect(await ask()).toMatchObject({ kind: 'extractive', notice: expect.stringContaining('cannot be reached') });
      expect(requests).toBe(before + 1);
      expect(chain.states()[0]!.state).toBe('open');

      if (typeof files === 'string') return;
      server = await serve(files, Number(new URL(server.url).port));
      now += COOL_DOWN_MS;
      expect(chain.states()[0]!.state).toBe('half-open');
      expect(await ask()).toMatchObject({ kind: 'generated' });
      expect(chain.states()[0]).toMatchObject({ state: 'closed', failures: 0 });
      await chain.checks[`ollama/${SERVED_MODEL}`]!();
    },
  );
});
