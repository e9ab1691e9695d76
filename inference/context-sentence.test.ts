import { describe, expect, it } from 'vitest';
import { assert, property, string } from 'fast-check';
import { toContextSentence } from './context-sentence.ts';

describe('toContextSentence', () => {
  it.each([
    ['The plant cell has a wall.\nAnd more.', 'The plant cell has a wall.'],
    ['It is about Dr. Hooke and his microscope. He drew cork.', 'It is about Dr. Hooke and his microscope.'],
    ['<think>hm</think>About cells.', 'About cells.'],
    ['See ![x](http://evil.test/a.png) and [this](https://evil.test) http://evil.test/b now', 'See x and this now'],
    ['Visit evil.test/login or mail me@evil.test or javascript:alert(1) today', 'Visit or mail or today'],
    ['<b>Bold</b> **claim** `code`', 'Bold claim code'],
    ['\n\n  \u0007\n', null],
    ['<think>never ends', null],
    ['...', null],
  ])('cleans %j', (reply, context) => {
    expect(toContextSentence(reply)).toEqual(context);
  });

  it('bounds the length at a word', () => {
    const context = toContextSentence('word '.repeat(200))!;
    expect(context.length).toBeLessThanOrEqual(300);
    expect(context.endsWith('word')).toBe(true);
  });

  it('is one line without markup and addresses, whatever the reply', () => {
    assert(
      property(string({ maxLength: 120 }), string(), (noise, tail) => {
        const context = toContextSentence(`${noise}\nhttps://evil.test/${tail} <img src=x>`);
        expect(context ?? '').not.toMatch(/[<>\n\p{Cc}]|:\/\//u);
        expect((context ?? '').length).toBeLessThanOrEqual(300);
      }),
      { numRuns: 50 },
    );
  });
});
