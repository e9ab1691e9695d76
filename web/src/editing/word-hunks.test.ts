import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHunks } from './word-hunks.ts';

const words = array(constantFrom<string[]>('a', 'b', 'c', 'd'), { maxLength: 30 });

describe('what changed between two lists of words', () => {
  it('makes the one out of the other, and touches in order and once', () => {
    assert(
      property(words, words, (before, after) => {
        const hunks = findHunks(before, after);
        const made = [...before];
        for (const { from, to, texts } of hunks.toReversed()) made.splice(from, to - from, ...texts);
        expect(made).toEqual(after);
        let end = -1;
        for (const { from, to, texts } of hunks) {
          expect(to - from + texts.length).toBeGreaterThan(0);
          expect(from).toBeGreaterThan(end);
          end = to;
        }
      }),
    );
  });

  it('leaves alone what is the same', () => {
    expect(findHunks(['one', 'too', 'three', 'for', 'five'], ['one', 'two', 'three', 'four', 'and', 'five'])).toEqual([
      { from: 1, to: 2, texts: ['two'] },
      { from: 3, to: 4, texts: ['four', 'and'] },
    ]);
    expect(findHunks(['a'], ['a'])).toEqual([]);
  });
});
