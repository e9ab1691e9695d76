import { Ollama } from 'ollama';
import { LecternError } from '../../contracts/errors.ts';
import type { GenerateRequest, LanguageModel } from '../language-model.ts';

export interface OllamaOptions {
  /** Base address of the server. */
  url: string;
  /** Tag as `ollama list` shows it; without `:tag` it means `:latest`. */
  model: string;
  /** How long one generation may take in all before the server counts as stalled. */
  timeoutMs?: number;
}

/** A small model on two cores writes 400 tokens in a minute; a loaded server needs its model read first. */
const GENERATE_TIMEOUT_MS = 120_000;
const HEALTH_TIMEOUT_MS = 5_000;

/** Eight passages of 256 tokens and the rules around them do not fit Ollama's own default of 4,096 with room to answer. */
const CONTEXT_TOKENS = 8_192;

/** Text from a model that an Ollama server runs. Errors: `unavailable` (unreachable, stalled, broken), `model-missing`. */
export function createOllamaLanguageModel({ url, model, timeoutMs = GENERATE_TIMEOUT_MS }: OllamaOptions): LanguageModel {
  const connect = (limitMs: number, signal?: AbortSignal): Ollama => {
    const timeout = AbortSignal.timeout(limitMs);
    const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    return new Ollama({
      host: url,
      fetch: async (address, init) => await checked(await fetch(address, { ...init, signal: either }), model),
    });
  };

  return {
    name: `ollama/${model}`,

    async generate({ system, prompt, maxTokens, format, signal }: GenerateRequest) {
      try {
        const { message } = await connect(timeoutMs, signal).chat({
          model,
          messages: [
            { role: 'system', content: system },
            { role: 'user', content: prompt },
          ],
          stream: false,
          // Greedy: the same passages give the same answer.
          options: { temperature: 0, num_predict: maxTokens, num_ctx: CONTEXT_TOKENS },
          ...(format === undefined ? {} : { format }),
        });
        return message.content;
      } catch (error) {
        signal?.throwIfAborted();
        throw toUnavailable(error, url, `did not answer within ${timeoutMs / 1_000} s`);
      }
    },

    async health() {
      const served = await connect(HEALTH_TIMEOUT_MS)
        .list()
        .catch((error: unknown) => {
          throw toUnavailable(error, url, `did not answer within ${HEALTH_TIMEOUT_MS / 1_000} s`);
        });
      const wanted = model.includes(':') ? model : `${model}:latest`;
      if (!served.models.some(({ name }) => name === wanted)) throw toMissing(model);
    },
  };
}

/** The client would print a failed response's body to the console; its error has all that is worth knowing. */
async function checked(response: Response, model: string): Promise<Response> {
  if (response.ok) return response;
  if (response.status === 404) throw toMissing(model);
  throw new LecternError('unavailable', `Ollama answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
}

function toMissing(model: string): LecternError {
  return new LecternError('model-missing', `Ollama does not have the model ${model}`, {
    cure: `Run "ollama pull ${model}", or set OLLAMA_MODEL to one that "ollama list" shows.`,
  });
}

function toUnavailable(error: unknown, url: string, stalled: string): LecternError {
  if (error instanceof LecternError) return error;
  const isTimeout = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  return new LecternError('unavailable', `Ollama at ${url} ${isTimeout ? stalled : `cannot be reached: ${String(error)}`}`, {
    cure: 'Check that Ollama runs and that OLLAMA_URL leads to it.',
    cause: error,
  });
}
