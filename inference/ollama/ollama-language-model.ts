import { Ollama } from 'ollama';
import { LecternError } from '../../contracts/errors.ts';
import { toLanguageModel, type LanguageModel } from '../language-model.ts';
import { STALL_LIMITS, toServerError } from '../llm/language-model-server.ts';
import { guardAgainstStalls, type StallLimits } from '../llm/stall-guard.ts';

export interface OllamaOptions {
  /** Base address of the server. */
  url: string;
  /** Tag as `ollama list` shows it; without `:tag` it means `:latest`. */
  model: string;
  stallLimits?: StallLimits;
}

const HEALTH_TIMEOUT_MS = 5_000;

/** Eight passages of 256 tokens and the rules around them do not fit Ollama's own default of 4,096 with room to answer. */
const CONTEXT_TOKENS = 8_192;

/** Text from a model that an Ollama server runs. */
export function createOllamaLanguageModel({ url, model, stallLimits = STALL_LIMITS }: OllamaOptions): LanguageModel {
  const name = `ollama/${model}`;
  const connect = (signal: AbortSignal): Ollama =>
    new Ollama({ host: url, fetch: async (address, init) => await checked(await fetch(address, { ...init, signal }), model) });
  const toError = (error: unknown, stalled: boolean): LecternError => toServerError(name, 'OLLAMA_URL and OLLAMA_MODEL', error, stalled);

  return toLanguageModel({
    name,

    async *stream({ system, prompt, maxTokens, stop, format, signal }) {
      const guard = guardAgainstStalls(stallLimits, signal);
      try {
        const parts = await connect(guard.signal).chat({
          model,
          messages: [
            { role: 'system', content: system },
            { role: 'user', content: prompt },
          ],
          stream: true,
          // Greedy: the same passages give the same answer.
          options: { temperature: 0, num_predict: maxTokens, num_ctx: CONTEXT_TOKENS, ...(stop === undefined ? {} : { stop: [...stop] }) },
          ...(format === undefined ? {} : { format }),
        });
        for await (const { message } of parts) {
          guard.alive();
          if (message.content !== '') yield message.content;
        }
      } catch (error) {
        signal?.throwIfAborted();
        throw toError(error, guard.stalled);
      } finally {
        guard.end();
      }
    },

    async health() {
      const served = await connect(AbortSignal.timeout(HEALTH_TIMEOUT_MS))
        .list()
        .catch((error: unknown) => {
          throw toError(error, false);
        });
      const wanted = model.includes(':') ? model : `${model}:latest`;
      if (!served.models.some((entry) => entry.name === wanted)) throw toMissing(model);
    },
  });
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
