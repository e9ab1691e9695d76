import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWithBeams } from './beam-search.ts';
import type { DecodingRules } from './decoding-rules.ts';
import { decodeGreedily, type DecodedTokens } from './greedy-decode.ts';
import { createTermBias } from './term-bias.ts';
import { PLAIN_TOKENS, TableDecoder, tableRules as rules } from './table-decoder.fixture.ts';

const seeds = fc.array(fc.nat(), { minLength: 1, maxLength: 3 });

async function search(decoder: TableDecoder, width: number, patience = 1, own: DecodingRules = rules): Promise<DecodedTokens[]> {
  return decodeWithBeams(decoder, decoder.start(), own, { width, patience });
}

/** The best mean log-probability of all texts that end, by trying every one. */
function tryAll(decoder: TableDecoder, window: number): { tokens: number[]; mean: number } {
  let best = { tokens: [] as number[], mean: Number.NEGATIVE_INFINITY };
  const visit = (tokens: number[], sum: number): void => {
    const logProbabilities = decoder.logProbabilities(window, tokens);
    const mean = (sum + logProbabilities[rules.special.endOfText]!) / Math.max(1, tokens.length);
    if (mean > best.mean) best = { tokens, mean };
    if (tokens.length === decoder.maxTokens - 1) return;
    for (let token = 0; token < PLAIN_TOKENS; token++) visit([...tokens, token], sum + logProbabilities[token]!);
  };
  visit([], 0);
  return best;
}

describe('decodeWithBeams', () => {
  it('is greedy decoding at width 1', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (windows) => {
        const greedy = new TableDecoder(windows, 12);
        const [beam, expected] = [await search(new TableDecoder(windows, 12), 1), await decodeGreedily(greedy, greedy.start(), rules)];
        expect(beam.map(({ tokens, isRunaway }) => ({ tokens, isRunaway }))).toEqual(
          expected.map(({ tokens, isRunaway }) => ({ tokens, isRunaway })),
        );
        for (const [window, { averageLogProbability }] of beam.entries())
          expect(averageLogProbability).toBeCloseTo(expected[window]!.averageLogProbability, 4);
      }),
    );
  });

  it('finds the best of all texts when it is wide enough to hold them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const decoder = new TableDecoder([seed], 4);
        const [found] = await search(decoder, PLAIN_TOKENS ** 4);
        expect(found!.tokens).toEqual(tryAll(decoder, 0).tokens);
      }),
      { numRuns: 30 },
    );
  });

  it('says how likely what it found is, whatever batch it was found in', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.integer({ min: 1, max: 5 }), fc.constantFrom(1, 2), async (windows, width, patience) => {
        const decoder = new TableDecoder(windows, 10);
        const found = await search(decoder, width, patience);
        for (const [window, { tokens, logProbabilities, averageLogProbability, isRunaway }] of found.entries()) {
          const steps = tokens.map((token, index) => decoder.logProbabilities(window, tokens.slice(0, index))[token]!);
          for (const [index, step] of steps.entries()) expect(logProbabilities[index]).toBeCloseTo(step, 4);
          const end = isRunaway ? 0 : decoder.logProbabilities(window, tokens)[rules.special.endOfText]!;
          const sum = steps.reduce((total, step) => total + step, end);
          expect(averageLogProbability).toBeCloseTo(sum / (tokens.length + 1), 4);
          const [alone] = await search(new TableDecoder([windows[window]!], 10), width, patience);
          expect(alone!.tokens).toEqual(tokens);
        }
      }),
    );
  });

  it('leans towards terms as far as they gain', async () => {
    const decoder = (): TableDecoder => new TableDecoder([8], 10);
    const [plain] = await search(decoder(), 3);
    const term = [2, 2, 1];
    const lean = (gain: number): Promise<DecodedTokens[]> => search(decoder(), 3, 1, { ...rules, bias: createTermBias([term], gain) });
    expect(plain!.tokens.join()).not.toContain(term.join());
    expect((await lean(0))[0]).toEqual(plain);
    expect((await lean(3))[0]!.tokens.join()).toContain(term.join());
  });
});
