import { describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { toLanguageModel, type GenerateRequest, type LanguageModel } from '../language-model.ts';
import { createLanguageModelChain } from './language-model-chain.ts';

const request: GenerateRequest = { system: '', prompt: '', maxTokens: 9 };

/** Writes the pieces it is given at each call, in turn; an error among them is thrown there. */
function scripted(name: string, ...calls: (string | Error)[][]): LanguageModel & { readonly asked: number } {
  let asked = 0;
  const model = toLanguageModel({
    name,
    health: () => Promise.resolve(),
    async *stream() {
      for (const piece of calls[asked++] ?? []) {
        if (piece instanceof Error) throw piece;
        yield piece;
      }
    },
  });
  return Object.defineProperty(model, 'asked', { get: () => asked }) as LanguageModel & { readonly asked: number };
}

const away = (name: string): LecternError => new LecternError('unavailable', `${name} is away`);

function chainOf(clock: { ms: number }, ...models: LanguageModel[]) {
  return createLanguageModelChain(models, { maxFailures: 1, coolDownMs: 1_000, now: () => clock.ms });
}

describe('createLanguageModelChain', () => {
  it('lets the next one write where one cannot, and says who wrote', async () => {
    const first = scripted('a/1', [away('a/1')]);
    const told: unknown[] = [];
    const models = [first, scripted('b/2', ['It ', 'is.'], ['Again.'])];
    const chain = createLanguageModelChain(models, { maxFailures: 1, coolDownMs: 1_000, onFailure: (failure) => told.push(failure) });
    const writers: string[] = [];
    expect(await chain.generate({ ...request, onModel: (name) => writers.push(name) })).toBe('It is.');
    expect(await chain.generate(request)).toBe('Again.');
    expect(writers).toEqual(['b/2']);
    expect(told).toEqual([{ model: 'a/1', breaker: 'open', reason: 'a/1 is away' }]);
    // Its breaker is open: it was not asked again.
    expect(first.asked).toBe(1);
    expect(chain.states()).toEqual([
      { name: 'a/1', state: 'open', failures: 1 },
      { name: 'b/2', state: 'closed', failures: 0 },
    ]);
  });

  it('does not go on in another’s words where one breaks off, opens its breaker, and closes it when the probe succeeds', async () => {
    const clock = { ms: 0 };
    const chain = chainOf(clock, scripted('a/1', ['It ', away('a/1')], ['Well.']));
    const pieces: string[] = [];
    const reading = (async () => {
      for await (const piece of chain.stream(request)) pieces.push(piece);
    })();
    await expect(reading).rejects.toThrow('a/1 is away');
    expect(pieces).toEqual(['It ']);
    await expect(chain.generate(request)).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'a/1 failed once: its breaker is open, and it is tried again in 1 s',
    });
    await expect(chain.checks['a/1']!()).rejects.toThrow('open');
    const [breaker, failures] = chain.metrics();
    expect(breaker!.samples.filter(({ value }) => value === 1).map(({ labels }) => labels)).toEqual([{ model: 'a/1', state: 'open' }]);
    expect(failures!.samples).toEqual([{ labels: { model: 'a/1' }, value: 1 }]);
    clock.ms = 1_000;
    expect(await chain.generate(request)).toBe('Well.');
    expect(chain.states()[0]!.state).toBe('closed');
    await chain.checks['a/1']!();
  });

  it('names what each of them said where none can', async () => {
    const chain = chainOf({ ms: 0 }, scripted('a/1', [away('a/1')]), scripted('b/2', [away('b/2')]));
    await expect(chain.generate(request)).rejects.toThrow('a/1 is away; b/2 is away');
  });

  it('does not hold a request against a model that it could not take', async () => {
    const chain = chainOf({ ms: 0 }, scripted('a/1', [new LecternError('invalid-input', 'too long')]), scripted('b/2', ['Fine.']));
    expect(await chain.generate(request)).toBe('Fine.');
    expect(chain.states()[0]).toMatchObject({ state: 'closed', failures: 0 });
  });

  it('ends with its reader, whose leaving says nothing about the model', async () => {
    const controller = new AbortController();
    const chain = chainOf({ ms: 0 }, scripted('a/1', ['It ', new Error('aborted')], ['One ', 'two']));
    const reading = (async () => {
      for await (const _ of chain.stream({ ...request, signal: controller.signal })) controller.abort(new Error('reader left'));
    })();
    await expect(reading).rejects.toThrow('reader left');
    for await (const _ of chain.stream(request)) break;
    expect(chain.states()[0]).toEqual({ name: 'a/1', state: 'closed', failures: 0 });
  });
});
