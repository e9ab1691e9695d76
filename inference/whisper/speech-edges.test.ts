import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Segment, TranscribedWord } from '../../contracts/transcript.ts';
import { createSnap, findSilence, snapToPauses } from './speech-edges.ts';

const SAMPLE_RATE = 16_000;

/** A tone where someone speaks, and hardly anything elsewhere. */
function sound(seconds: number, ...spoken: [startSeconds: number, endSeconds: number][]): Float32Array {
  return Float32Array.from({ length: seconds * SAMPLE_RATE }, (_, n) => {
    const loud = spoken.some(([start, end]) => n >= start * SAMPLE_RATE && n < end * SAMPLE_RATE);
    return (loud ? 0.3 : 0.000_3) * Math.sin(n * 0.3);
  });
}

function words(...times: [number, number][]): TranscribedWord[] {
  return times.map(([startSeconds, endSeconds], index) => ({ text: `word${index}`, startSeconds, endSeconds, confidence: 0.9 }));
}

function snap(samples: Float32Array, ...times: [number, number][]): [number, number][] {
  return snapToPauses(words(...times), findSilence(samples)!).map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);
}

describe('snapToPauses', () => {
  it('begins a word after the pause that its stretch begins in, and lets the word before end where the pause begins', () => {
    expect(snap(sound(4, [1, 1.5], [2, 2.6]), [0.6, 1.3], [1.7, 2.6])).toEqual([
      [1, 1.5],
      [2, 2.6],
    ]);
  });

  it('gives the tail of a word back that attention took for the next', () => {
    expect(snap(sound(4, [1, 1.5], [2, 2.6]), [1, 1.4], [1.4, 2.6])).toEqual([
      [1, 1.5],
      [2, 2.6],
    ]);
  });

  it('lets the last word end with its sound', () => {
    expect(snap(sound(4, [1, 1.5]), [1, 1.35])).toEqual([[1, 1.5]]);
  });

  it('leaves words alone that follow on each other, and the stop inside a word', () => {
    const times: [number, number][] = [
      [1, 1.5],
      [1.5, 2.2],
    ];
    expect(snap(sound(4, [1, 1.6], [1.68, 2.2]), ...times)).toEqual(times);
  });

  it('keeps words ascending, as long as a word takes, and their starts where they were or later', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 60 })), { maxLength: 12 });
    fc.assert(
      fc.property(gaps, fc.array(fc.boolean(), { maxLength: 1200 }), (parts, silent) => {
        let at = 0;
        const times = parts.map(([gap, length]): [number, number] => {
          const start = at + gap;
          at = start + length;
          return [start / 50, at / 50];
        });
        const snapped = snapToPauses(words(...times), silent);
        for (const [index, word] of snapped.entries()) {
          expect(word.startSeconds).toBeGreaterThanOrEqual(times[index]![0] - 0.006);
          expect(word.endSeconds).toBeGreaterThan(word.startSeconds);
          expect(word.startSeconds).toBeGreaterThanOrEqual((snapped[index - 1]?.endSeconds ?? 0) - 1e-9);
        }
      }),
    );
  });
});

describe('findSilence', () => {
  it('cannot tell where noise is as loud as speech, nor in silence', () => {
    expect(findSilence(Float32Array.from({ length: 4 * SAMPLE_RATE }, (_, n) => 0.1 * Math.sin(n * 0.3)))).toBeUndefined();
    expect(findSilence(new Float32Array(SAMPLE_RATE))).toBeUndefined();
    expect(findSilence(new Float32Array(0))).toBeUndefined();
  });

  it('tells at any level', () => {
    const loud = sound(2, [0.5, 1]);
    expect(findSilence(loud.map((sample) => sample / 100))).toEqual(findSilence(loud));
  });
});

describe('createSnap', () => {
  it('keeps segments and their words, with bounds that fit', () => {
    const [first, second] = words([0.6, 1.3], [1.7, 2.6]);
    const toSegment = (word: TranscribedWord): Segment => {
      return { ...word, words: [word], averageLogProbability: -0.2, noSpeechProbability: 0, temperature: 0 };
    };
    const snapped = createSnap(sound(4, [1, 1.5], [2, 2.6]))([toSegment(first!), toSegment(second!)]);
    expect(snapped.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds])).toEqual([
      [1, 1.5],
      [2, 2.6],
    ]);
    expect(snapped.map((segment) => segment.words.map(({ text }) => text))).toEqual([['word0'], ['word1']]);
  });
});
