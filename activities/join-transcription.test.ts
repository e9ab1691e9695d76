import { describe, expect, it } from 'vitest';
import type { Transcription } from '../contracts/transcript.ts';
import { joinTranscriptions } from './join-transcription.ts';

function piece(language: string, startSeconds: number, texts: string[]): Transcription {
  const words = texts.map((text, index) => ({
    text,
    startSeconds: startSeconds + index,
    endSeconds: startSeconds + index + 1,
    confidence: 0.9,
  }));
  return {
    language,
    languageProbability: 0.8,
    durationSeconds: 100,
    segments: [
      { startSeconds, endSeconds: startSeconds + texts.length, words, averageLogProbability: -0.2, noSpeechProbability: 0, temperature: 0 },
    ],
  };
}

describe('joinTranscriptions', () => {
  it('puts segments in the order of time and takes the language of most words', () => {
    const joined = joinTranscriptions([piece('de', 50, ['eins']), piece('en', 0, ['one', 'two', 'three'])], 100);
    expect(joined.language).toBe('en');
    expect(joined.languageProbability).toBeCloseTo(0.8);
    expect(joined.segments.map((segment) => segment.startSeconds)).toEqual([0, 50]);
  });

  it('counts what was heard in another language than the rest of its piece for that one', () => {
    const mixed = piece('en', 0, ['eins', 'zwei', 'drei']);
    mixed.segments[0]!.language = 'de';
    const joined = joinTranscriptions([mixed, piece('en', 50, ['one', 'two'])], 100);
    expect(joined).toMatchObject({ language: 'de', languageProbability: 1 });
  });

  it('has an undetermined language where nobody spoke', () => {
    expect(joinTranscriptions([], 12)).toEqual({ language: 'und', languageProbability: 0, durationSeconds: 12, segments: [] });
  });
});
