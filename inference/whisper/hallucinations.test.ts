import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Segment } from '../../contracts/transcript.ts';
import { dropHallucinations } from './hallucinations.ts';

interface Golden {
  cases: { segments: [startSeconds: number, endSeconds: number, probability: number][][]; anomalous: boolean[]; dropped: number[] }[];
}

/** Made by `make_hallucinations.py` with the rule as faster-whisper has it. */
const golden = JSON.parse(readFileSync(new URL('../../tests/golden/hallucinations.json', import.meta.url), 'utf8')) as Golden;

function segment(startSeconds: number, confidence: number, wordSeconds: number, count = 4): Segment {
  const words = Array.from({ length: count }, (_, index) => ({
    text: `word${index}`,
    startSeconds: startSeconds + index * wordSeconds,
    endSeconds: startSeconds + (index + 1) * wordSeconds,
    confidence,
  }));
  const endSeconds = startSeconds + count * wordSeconds;
  return { startSeconds, endSeconds, words, averageLogProbability: -0.5, noSpeechProbability: 0.1, temperature: 0 };
}

const honest = segment(0, 0.9, 0.3);
const strange = segment(10, 0.05, 0.02);

describe('dropHallucinations', () => {
  it('drops what is strange and stands alone', () => {
    expect(dropHallucinations([honest, strange, segment(20, 0.9, 0.3)])).toEqual([honest, segment(20, 0.9, 0.3)]);
  });

  it('keeps what is strange amid speech', () => {
    const amid = [segment(8.5, 0.9, 0.3), strange, segment(10.2, 0.9, 0.3)];
    expect(dropHallucinations(amid)).toEqual(amid);
  });

  it('drops strange neighbours together', () => {
    expect(dropHallucinations([honest, strange, segment(10.5, 0.05, 0.02)])).toEqual([honest]);
  });

  it.each(golden.cases.map((each, index) => ({ ...each, index })))('drops what faster-whisper drops: $index', ({ segments, dropped }) => {
    const all = segments.map((words): Segment => {
      const timed = words.map(([startSeconds, endSeconds, confidence]) => ({ text: 'so', startSeconds, endSeconds, confidence }));
      const [first, last] = [timed[0]!, timed.at(-1)!];
      return { ...honest, startSeconds: first.startSeconds, endSeconds: last.endSeconds, words: timed };
    });
    expect(dropHallucinations(all)).toEqual(all.filter((_, index) => !dropped.includes(index)));
  });

  it('drops one word that hardly anything speaks for, keeps a likelier one: it may well be a name', () => {
    expect(dropHallucinations([segment(10, 0.1, 0.4, 1)])).toEqual([]);
    const name = segment(10, 0.2, 0.4, 1);
    expect(dropHallucinations([name])).toEqual([name]);
  });
});
