import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenEncoder, TokenVectors } from '../../inference/embedder.ts';
import { toFoundPassage, toStageContext } from '../found-passage.fixture.ts';
import { toWords } from '../terms.ts';
import { createLateInteraction } from './late-interaction.ts';
import { maxSim } from './max-sim.ts';

const DIMENSIONS = 8;

/** Rows padded with zeros. */
function toVectors(...rows: number[][]): TokenVectors {
  const vectors = new Int8Array(rows.length * DIMENSIONS);
  for (const [token, row] of rows.entries()) vectors.set(row, token * DIMENSIONS);
  return { tokens: rows.length, vectors };
}

/** A word is one token, and its vector points along one of eight axes, by its first letter: no meaning, but an order one can check. */
function createLetterEncoder(): TokenEncoder & { encoded: string[] } {
  const encoded: string[] = [];
  return {
    model: { name: 'letters', revision: '1', precision: 'int8' },
    encoded,
    encodeTokens: (texts, signal) => {
      signal?.throwIfAborted();
      encoded.push(...texts);
      return Promise.resolve(
        texts.map((text) =>
          toVectors(
            ...toWords(text).map((word) =>
              Array.from({ length: DIMENSIONS }, (_, axis) => (axis === word.codePointAt(0)! % DIMENSIONS ? 127 : 0)),
            ),
          ),
        ),
      );
    },
  };
}

describe('maxSim', () => {
  it('is the mean over the question of the nearest cosine', () => {
    const question = toVectors([127, 0], [0, 127]);
    expect(maxSim(question, toVectors([127, 0], [90, 90]))).toBeCloseTo((1 + 90 / 127) / 2, 10);
    expect(maxSim(question, toVectors([-127, 0]))).toBeCloseTo(-0.5, 10);
  });

  it('is nothing where there are no tokens', () => {
    expect(maxSim(toVectors(), toVectors([127, 0]))).toBe(0);
    expect(maxSim(toVectors([127, 0]), toVectors())).toBe(0);
  });

  it('never falls when a passage says more, and does not care for the order of its tokens', () => {
    const row = array(integer({ min: -127, max: 127 }), { minLength: 3, maxLength: 3 });
    const rows = array(row, { minLength: 1, maxLength: 6 });
    assert(
      property(rows, rows, row, (question, passage, more) => {
        const asked = toVectors(...question);
        const before = maxSim(asked, toVectors(...passage));
        expect(maxSim(asked, toVectors(...passage, more))).toBeGreaterThanOrEqual(before);
        expect(maxSim(asked, toVectors(...passage.toReversed()))).toBeCloseTo(before, 10);
      }),
    );
  });
});

describe('createLateInteraction', () => {
  it('ranks anew what fusion found level, and leaves everything after the first ten behind it', async () => {
    const texts = Array.from({ length: 12 }, (_, index) => (index === 9 || index === 11 ? 'alpha beta' : 'gamma'));
    const passages = texts.map((text, ordinal) => toFoundPassage(text, { ordinal, score: 1 - ordinal / 100 }));
    const ranked = await createLateInteraction(createLetterEncoder()).run(passages, toStageContext({ question: 'alpha beta' }));
    expect(ranked.map(({ chunk }) => chunk.ordinal)).toEqual([9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11]);
    expect(ranked[0]!.hit.score).toBeCloseTo(0.91 + 0.3, 10);
  });

  it('does not overrule a fusion that is sure', async () => {
    const passages = [toFoundPassage('gamma', { score: 1 }), toFoundPassage('alpha', { ordinal: 1, score: 0.5 })];
    const ranked = await createLateInteraction(createLetterEncoder()).run(passages, toStageContext({ question: 'alpha' }));
    expect(ranked.map(({ chunk }) => chunk.text)).toEqual(['gamma', 'alpha']);
  });

  it('encodes a passage once for as long as there is room, and for each tenant apart', async () => {
    const encoder = createLetterEncoder();
    const stage = createLateInteraction(encoder, 2 * DIMENSIONS);
    const [first, second, third] = ['alpha', 'beta', 'gamma'].map((text, ordinal) => [toFoundPassage(text, { ordinal })]);
    for (const passages of [first!, second!, first!, third!, first!, second!])
      await stage.run(passages, toStageContext({ question: 'why' }));
    expect(encoder.encoded.filter((text) => text !== 'why')).toEqual(['alpha', 'beta', 'gamma', 'beta']);
    await stage.run(second!, toStageContext({ question: 'why', tenantId: 'other' }));
    expect(encoder.encoded.at(-1)).toBe('beta');
  });

  it('stops when it is told to, and keeps what it has for the next time', async () => {
    const encoder = createLetterEncoder();
    const stop = new AbortController();
    const stopping: TokenEncoder = {
      ...encoder,
      encodeTokens: (texts, signal) => {
        if (texts[0] === 'beta') stop.abort(new Error('time is up'));
        return encoder.encodeTokens(texts, signal);
      },
    };
    const stage = createLateInteraction(stopping);
    const passages = ['alpha', 'beta'].map((text, ordinal) => toFoundPassage(text, { ordinal }));
    await expect(stage.run(passages, toStageContext({ signal: stop.signal }))).rejects.toThrow('time is up');
    await stage.run(passages, toStageContext());
    expect(encoder.encoded.filter((text) => text === 'alpha')).toHaveLength(1);
  });

  it('has nothing to say about nothing', async () => {
    expect(await createLateInteraction(createLetterEncoder()).run([], toStageContext())).toEqual([]);
  });
});
