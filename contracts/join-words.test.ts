import { array, assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinWords } from './join-words.ts';

describe('joinWords', () => {
  it('puts spaces where the script has them', () => {
    expect(joinWords(['Good', 'morning,', 'everyone.'])).toBe('Good morning, everyone.');
    expect(joinWords(['그는', '이리저리', '피하면서'])).toBe('그는 이리저리 피하면서');
    expect(joinWords(['客', '観', '的', '実在', 'の', '判断', '。'])).toBe('客観的実在の判断。');
    expect(joinWords(['用', 'Python', '写', '的'])).toBe('用 Python 写的');
    expect(joinWords(['สวัสดี', 'ครับ'])).toBe('สวัสดีครับ');
  });

  it('keeps every word, in order', () => {
    assert(
      property(array(string({ unit: 'grapheme' })), (words) => {
        expect(joinWords(words).replaceAll(/\s/g, '')).toBe(words.join('').replaceAll(/\s/g, ''));
      }),
    );
  });
});
