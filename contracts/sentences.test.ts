import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSentences } from './sentences.ts';

const split = (text: string): string[] => {
  const words = text.split(' ').map((word) => ({ text: word }));
  return splitSentences(words).map(({ from, to }) =>
    words
      .slice(from, to)
      .map((word) => word.text)
      .join(' '),
  );
};

describe('splitSentences', () => {
  it.each([
    ['Trees grow. Why? They eat light!', ['Trees grow.', 'Why?', 'They eat light!']],
    ['Ask Dr. Noether about symmetry. Then stop.', ['Ask Dr. Noether about symmetry.', 'Then stop.']],
    ['Use a loss, e.g. Cross entropy works. Good.', ['Use a loss, e.g. Cross entropy works.', 'Good.']],
    ['George E. P. Box said so. All models are wrong.', ['George E. P. Box said so.', 'All models are wrong.']],
    ['It was 3.5 percent. of all', ['It was 3.5 percent.', 'of all']],
    ['the resp. smaller one', ['the resp. smaller one']],
    ['He said "stop." Then he left.', ['He said "stop."', 'Then he left.']],
    ['no punctuation at all', ['no punctuation at all']],
    ['Was ist das? ein Baum.', ['Was ist das?', 'ein Baum.']],
    ['木は育つ。 なぜ？ 光。', ['木は育つ。', 'なぜ？', '光。']],
  ])('%s', (text, sentences) => {
    expect(split(text)).toEqual(sentences);
  });

  it('covers every word once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('Dr.', 'end.', 'Word', 'word', 'why?', '"quote."', 'A.', '…')), (texts) => {
        const ranges = splitSentences(texts.map((text) => ({ text })));
        expect(ranges.flatMap(({ from, to }) => texts.slice(from, to))).toEqual(texts);
        expect(ranges.every(({ from, to }) => to > from)).toBe(true);
      }),
    );
  });
});
