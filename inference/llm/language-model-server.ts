import { LecternError, type ErrorKind } from '../../contracts/errors.ts';
import { readServerSentEvents, type ServerSentEvent } from '../../contracts/server-sent-events.ts';
import { toLanguageModel, type GenerateRequest, type LanguageModel } from '../language-model.ts';
import { guardAgainstStalls, type StallLimits } from './stall-guard.ts';
import { withoutEcho } from './without-echo.ts';

/** A generation may wait for the server to read its model, and a small machine reads a long prompt for a minute. */
export const STALL_LIMITS: StallLimits = { firstMs: 120_000, nextMs: 30_000 };
const HEALTH_TIMEOUT_MS = 5_000;

/** What an event of the stream says: more text, the proper end, that the server gave up; `undefined`: nothing of interest. */
export type StreamStep = { text: string } | 'end' | { error: string } | undefined;

export interface LanguageModelServer {
  /** `<provider>/<model>`. */
  name: string;
  /** Base address, without a slash at its end. */
  url: string;
  headers: Record<string, string>;
  /** Never to appear in an error, whatever the server says. */
  apiKey: string | undefined;
  generatePath: string;
  healthPath: string;
  /** Variables that lead to the server, for the cure of its errors. */
  variables: string;
  stallLimits?: StallLimits;
  toBody(request: GenerateRequest): Record<string, unknown>;
  readEvent(event: ServerSentEvent): StreamStep;
}

/** A language model behind a server that takes JSON and streams its text as server-sent events. */
export function createServedLanguageModel(server: LanguageModelServer): LanguageModel {
  return toLanguageModel({
    name: server.name,

    async *stream(request) {
      const guard = guardAgainstStalls(server.stallLimits ?? STALL_LIMITS, request.signal);
      const body = server.toBody(request);
      try {
        const response = await send(server, server.generatePath, guard.signal, body);
        for await (const event of readServerSentEvents(response.body!)) {
          guard.alive();
          const step = server.readEvent(event);
          if (step === 'end') return;
          if (step === undefined) continue;
          if ('error' in step)
            throw new LecternError('unavailable', `${server.name} gave up: ${withoutEcho(redact(server, step.error), body)}`);
          yield step.text;
        }
        throw new LecternError('unavailable', `${server.name} broke off in mid-text`);
      } catch (error) {
        request.signal?.throwIfAborted();
        throw toServerError(server.name, server.variables, error, guard.stalled);
      } finally {
        guard.end();
      }
    },

    async health() {
      try {
        await (await send(server, server.healthPath, AbortSignal.timeout(HEALTH_TIMEOUT_MS))).body?.cancel();
      } catch (error) {
        throw toServerError(server.name, server.variables, error, false);
      }
    },
  });
}

/** Any failure of a language model's server as one of ours, without its address, which is the operator's. */
export function toServerError(name: string, variables: string, error: unknown, stalled: boolean): LecternError {
  if (error instanceof LecternError) return error;
  return new LecternError('unavailable', `${name} ${toReason(error, stalled)}`, {
    cure: `Check that the server runs and that ${variables} lead to it.`,
    cause: error,
  });
}

function toReason(error: unknown, stalled: boolean): string {
  if (!(error instanceof Error)) return 'failed';
  if (stalled || error.name === 'TimeoutError') return 'did not answer in time';
  if (error instanceof TypeError && error.message === 'fetch failed') {
    const { code } = (error.cause ?? {}) as { code?: unknown };
    return `cannot be reached${typeof code === 'string' ? ` (${code})` : ''}`;
  }
  // Ollama's client makes plain errors of what its server says.
  return error.constructor === Error ? `gave up: ${error.message.slice(0, 300)}` : 'broke off in mid-text';
}

async function send(server: LanguageModelServer, path: string, signal: AbortSignal, body?: Record<string, unknown>): Promise<Response> {
  const response = await fetch(`${server.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...server.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    // A key must not follow a redirect to another host.
    redirect: 'error',
    signal,
  });
  if (response.ok) return response;
  // What a server says of a key that it refuses may name accounts.
  const isRefused = response.status === 401 || response.status === 403;
  const said = isRefused ? 'it refuses the key' : withoutEcho(redact(server, (await response.text()).slice(0, 300)), body);
  throw new LecternError(toKind(response.status), `${server.name} answered ${response.status}: ${said}`, {
    cure: `Check ${server.variables}.`,
  });
}

function toKind(status: number): ErrorKind {
  if (status === 404) return 'model-missing';
  if (status === 429) return 'rate-limited';
  return status === 400 || status === 413 || status === 422 ? 'invalid-input' : 'unavailable';
}

/** Some servers repeat the key they refuse, in part or in whole. */
function redact({ apiKey }: LanguageModelServer, text: string): string {
  const whole = apiKey === undefined ? text : text.replaceAll(apiKey, '[key]');
  return whole.replaceAll(/\b(?:sk|key|pk)-[\w*.-]{4,}/gi, '[key]');
}
