import { describe, expect, it } from 'vitest';
import { toTokenSegments } from './token-segments.ts';
import { createTinyTokenizer } from './tiny-tokenizer.fixture.ts';
import { timeWords } from './word-times.ts';

function word(text: string, tokenCount = 1): { text: string; tokens: number[] } {
  return { text, tokens: Array.from({ length: tokenCount }, () => 1) };
}

const half = Math.log(0.5);

describe('timeWords', () => {
  it('takes times from the frames of the tokens and confidence from their probabilities', () => {
    const words = timeWords([word(' deep', 2), word(' sea')], [10, 15, 30, 50], [0, half, half]);
    expect(words).toEqual([
      { text: 'deep', startSeconds: 0.2, endSeconds: 0.6, confidence: 0.75, tokenCount: 2 },
      { text: 'sea', startSeconds: 0.6, endSeconds: 1, confidence: 0.5, tokenCount: 1 },
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

  it('gives an opening mark the times of its word', () => {
    const [quoted] = timeWords([word(' "'), word('yes'), word('"')], [0, 50, 70, 90], [0, 0, 0]);
    expect(quoted).toMatchObject({ text: '"yes"', startSeconds: 1, endSeconds: 1.4, tokenCount: 3 });
  });
});

describe('toTokenSegments', () => {
  const { special } = createTinyTokenizer();
  const time = (seconds: number): number => special.timestampBegin + Math.round(seconds / 0.02);

  it('cuts at pairs of times and lets an open end last to the end of the window', () => {
    expect(toTokenSegments([time(0.5), 1, 2, time(3), time(3.2), 4, time(5), time(6), 7], special, 9)).toEqual([
      { startSeconds: 0.5, endSeconds: 3, tokens: [1, 2] },
      { startSeconds: 3.2, endSeconds: 5, tokens: [4] },
      { startSeconds: 6, endSeconds: 9, tokens: [7] },
    ]);
  });

  it('never passes the end of the audio', () => {
    expect(toTokenSegments([time(0), 1, time(30)], special, 4)).toEqual([{ startSeconds: 0, endSeconds: 4, tokens: [1] }]);
  });

  it('finds nothing in times alone', () => {
    expect(toTokenSegments([time(0), time(4)], special, 4)).toEqual([]);
  });
});
