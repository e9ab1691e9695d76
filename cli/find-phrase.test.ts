import { describe, expect, it } from 'vitest';
import type { Turn } from '../contracts/transcript.ts';
import { findPhrase } from './find-phrase.ts';

function turn(text: string): Turn {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startSeconds: index,
    endSeconds: index + 1,
    confidence: 1,
    speaker: null,
    speakerSource: 'unknown' as const,
  }));
  return { speaker: null, startSeconds: 0, endSeconds: words.length, words };
}

describe('findPhrase', () => {
  it('finds a phrase whatever its case, and keeps the punctuation around it', () => {
    const turns = [turn('We use the em my Nöther theorem.'), turn('(Em my nöther, who else?)')];
    expect(findPhrase(turns, 'em my Nöther', 'Emmy Noether')).toEqual([
      { kind: 'replaceWords', turn: 0, from: 3, to: 6, texts: ['Emmy', 'Noether'] },
      { kind: 'replaceWords', turn: 1, from: 0, to: 3, texts: ['(Emmy', 'Noether,'] },
    ]);
  });

  it('takes a phrase out, and finds none twice in the same words', () => {
    expect(findPhrase([turn('so so so good')], 'so so', '')).toEqual([{ kind: 'replaceWords', turn: 0, from: 0, to: 2, texts: [] }]);
  });

  it('finds nothing where there is nothing to find', () => {
    expect(findPhrase([turn('a b')], ' ', 'x')).toEqual([]);
    expect(findPhrase([turn('a b')], '...', 'x')).toEqual([]);
    expect(findPhrase([turn('a b')], 'b c', 'x')).toEqual([]);
  });
});
