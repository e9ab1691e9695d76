import { describe, expect, it } from 'vitest';
import { gatherTexts } from './gather-texts.ts';

/** An encoder whose calls end when told to. */
function slowEncoder() {
  const calls: { texts: readonly string[]; end: (error?: Error) => void }[] = [];
  const encode = (texts: readonly string[]): Promise<string[]> =>
    new Promise((resolve, reject) => {
      calls.push({
        texts,
        end: (error) => (error === undefined ? resolve(texts.map((text) => text.toUpperCase())) : reject(error)),
      });
    });
  return { calls, encode };
}

describe('gatherTexts', () => {
  it('sends what waits together, and gives each its own', async () => {
    const { calls, encode } = slowEncoder();
    const gathered = gatherTexts(encode);
    const first = gathered(['a']);
    const others = [gathered(['b']), gathered(['c', 'd']), gathered([])];
    expect(calls.map(({ texts }) => texts)).toEqual([['a']]);
    calls[0]!.end();
    expect(await first).toEqual(['A']);
    await expect.poll(() => calls.map(({ texts }) => texts)).toEqual([['a'], ['b', 'c', 'd']]);
    calls[1]!.end();
    expect(await Promise.all(others)).toEqual([['B'], ['C', 'D'], []]);
    const later = gathered(['e']);
    calls[2]!.end();
    expect(await later).toEqual(['E']);
  });

  it('sends no more than 32 at once', async () => {
    const { calls, encode } = slowEncoder();
    const gathered = gatherTexts(encode);
    const all = gathered(Array.from({ length: 40 }, (_, at) => `t${at}`));
    calls[0]!.end();
    await expect.poll(() => calls.map(({ texts }) => texts.length)).toEqual([32, 8]);
    calls[1]!.end();
    expect(await all).toHaveLength(40);
  });

  it('fails those of a call that fails, and goes on', async () => {
    const { calls, encode } = slowEncoder();
    const gathered = gatherTexts(encode);
    const first = gathered(['a']);
    const second = gathered(['b']);
    calls[0]!.end(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    await expect.poll(() => calls.length).toBe(2);
    calls[1]!.end();
    expect(await second).toEqual(['B']);
  });
});
