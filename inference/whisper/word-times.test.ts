import { describe, expect, it } from 'vitest';
import { toSentences } from './sentence-segments.ts';
import { timeWords } from './word-times.ts';

function word(text: string, tokenCount = 1): { text: string; tokens: number[] } {
  return { text, tokens: Array.from({ length: tokenCount }, () => 1) };
}

const half = Math.log(0.5);

describe('timeWords', () => {
  it('takes times from the frames of the tokens and confidence from their probabilities', () => {
    const words = timeWords([word(' deep', 2), word(' sea')], [10, 15, 30, 50], [0, half, half]);
    expect(words).toEqual([
      { text: 'deep', startSeconds: 0.2, endSeconds: 0.6, confidence: 0.75 },
      { text: 'sea', startSeconds: 0.6, endSeconds: 1, confidence: 0.5 },
    ]);
  });

  it('leaves the pause after a sentence to nobody', () => {
    const words = timeWords(
      [word(' one'), word(' two'), word('.'), word(' three'), word(' four')],
      [0, 20, 40, 45, 245, 265],
      [0, 0, 0, 0, 0],
    );
    expect(words.map(({ text, startSeconds, endSeconds }) => [text, startSeconds, endSeconds])).toEqual([
      ['one', 0, 0.4],
      ['two.', 0.4, 0.8],
      ['three', 4.1, 4.9],
      ['four', 4.9, 5.3],
    ]);
  });

  it('cuts a first word that would begin in the silence before it', () => {
    const [first] = timeWords([word(' so'), word(' it'), word(' is')], [0, 200, 215, 230], [0, 0, 0]);
    expect(first!.startSeconds).toBeCloseTo(3.4, 9);
  });

  it('has a number and its sign as one word, from its first to its last spoken part', () => {
    const [of, share, words] = timeWords(
      [word(' of'), word(' 1'), word('.5', 2), word('%'), word(' words')],
      [0, 10, 20, 30, 40, 70, 90],
      [0, 0, half, half, 0, 0],
    );
    expect([of!.text, words!.text]).toEqual(['of', 'words']);
    expect(share).toEqual({ text: '1.5%', startSeconds: 0.2, endSeconds: 1.4, confidence: 0.75 });
  });

  it('gives an opening mark the times of its word', () => {
    const [quoted] = timeWords([word(' "'), word('yes'), word('"')], [0, 50, 70, 90], [0, 0, 0]);
    expect(quoted).toMatchObject({ text: '"yes"', startSeconds: 1, endSeconds: 1.4 });
  });
});

describe('toSentences', () => {
  it('cuts after the end of a sentence and at a long pause, and loses no word', () => {
    const words = timeWords(
      [word(' Is'), word(' it'), word('?'), word(' "'), word('Yes'), word('."'), word(' well'), word(' so')],
      [0, 10, 20, 25, 30, 50, 60, 80, 180, 200],
      [0, 0, 0, 0, 0, 0, 0, 0],
    );
    words.at(-1)!.startSeconds += 2;
    expect(toSentences(words).map((sentence) => sentence.map(({ text }) => text))).toEqual([['Is', 'it?'], ['"Yes."'], ['well'], ['so']]);
  });

  it('finds nothing in nothing', () => {
    expect(toSentences([])).toEqual([]);
  });
});
