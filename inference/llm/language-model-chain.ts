import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { Metric, MetricSource } from '../../contracts/metrics.ts';
import { toLanguageModel, type LanguageModel } from '../language-model.ts';
import { BREAKER_STATES, createCircuitBreaker, type BreakerOptions, type BreakerState, type CircuitBreaker } from './circuit-breaker.ts';

interface LinkState {
  name: string;
  state: BreakerState;
  /** In a row, so far. */
  failures: number;
}

export interface LanguageModelChain extends LanguageModel {
  /** Each model's breaker, in the order in which they are asked. */
  states(): LinkState[];
  /** A health check for each model by its name; fails, and says until when, while the model's breaker is open. */
  readonly checks: Record<string, () => Promise<void>>;
  /** For `GET /metrics`: the breakers' states, failures in a row. */
  readonly metrics: MetricSource;
}

/** Told each failure, for the log. */
export type OnModelFailure = (failure: { model: string; breaker: BreakerState; reason: string }) => void;

interface Link {
  model: LanguageModel;
  breaker: CircuitBreaker;
}

/**
 * Models that stand in for each other: the first whose breaker lets a call through, and that begins to write, writes the
 * text. One that breaks off in mid-text is not made up for here, as half a text is with the reader already.
 * Errors: `unavailable` with what each of them said; that of the model that broke off.
 */
export function createLanguageModelChain(
  models: readonly LanguageModel[],
  { onFailure, ...options }: BreakerOptions & { onFailure?: OnModelFailure },
): LanguageModelChain {
  const links = models.map((model): Link => ({ model, breaker: createCircuitBreaker(options) }));
  const chain = toLanguageModel({
    name: models.map(({ name }) => name).join(', '),
    async *stream(request) {
      const refusals: string[] = [];
      for (const { model, breaker } of links) {
        const permit = breaker.enter();
        if (permit === undefined) {
          refusals.push(toPause(model, breaker));
          continue;
        }
        let begun = false;
        try {
          for await (const piece of model.stream(request)) {
            if (!begun) request.onModel?.(model.name);
            begun = true;
            yield piece;
          }
          permit.succeed();
          return;
        } catch (error) {
          request.signal?.throwIfAborted();
          const failure = toLecternError(error);
          // A request that no model would take says nothing about this one.
          if (failure.kind !== 'invalid-input') permit.fail();
          onFailure?.({ model: model.name, breaker: breaker.state, reason: failure.message });
          if (begun) throw failure;
          refusals.push(failure.message);
        } finally {
          permit.abandon();
        }
      }
      throw new LecternError('unavailable', refusals.join('; '), { cure: 'Check the language models at /health/ready.' });
    },
    async health() {
      const results = await Promise.allSettled(links.map(({ model }) => model.health()));
      const refused = results.filter((result) => result.status === 'rejected');
      if (refused.length === results.length) throw refused[0]?.reason;
    },
  });
  const states = (): LinkState[] =>
    links.map(({ model, breaker }) => ({ name: model.name, state: breaker.state, failures: breaker.failures }));
  return {
    ...chain,
    states,
    metrics: () => toMetrics(states()),
    checks: Object.fromEntries(links.map((link) => [link.model.name, () => check(link)])),
  };
}

async function check({ model, breaker }: Link): Promise<void> {
  if (breaker.state === 'open') throw new LecternError('unavailable', toPause(model, breaker));
  await model.health();
}

function toPause({ name }: LanguageModel, { failures, remainingMs, state }: CircuitBreaker): string {
  const times = failures === 1 ? 'once' : `${failures} times in a row`;
  const next = state === 'open' ? `in ${Math.ceil(remainingMs / 1_000)} s` : 'just now, by another question';
  return `${name} failed ${times}: its breaker is ${state}, and it is tried again ${next}`;
}

function toMetrics(states: readonly LinkState[]): Metric[] {
  return [
    {
      name: 'lectern_language_model_breaker_state',
      help: '1 for the state that the breaker of a language model is in.',
      type: 'gauge',
      samples: states.flatMap(({ name, state: current }) =>
        BREAKER_STATES.map((state) => ({ labels: { model: name, state }, value: state === current ? 1 : 0 })),
      ),
    },
    {
      name: 'lectern_language_model_failures_in_a_row',
      help: 'Failures of a language model since it last wrote a text to its end.',
      type: 'gauge',
      samples: states.map(({ name, failures }) => ({ labels: { model: name }, value: failures })),
    },
  ];
}
