import { describe, expect, it } from 'vitest';
import { compressionRatio, isDoubtful, isSilence, leastBad, type Attempt } from './window-quality.ts';

function attempt(text: string, change: { average?: number; noSpeech?: number; runaway?: boolean; tokens?: number } = {}): Attempt {
  return {
    decoded: {
      tokens: Array.from({ length: change.tokens ?? 10 }, () => 1),
      logProbabilities: new Float32Array(0),
      averageLogProbability: change.average ?? -0.3,
      isRunaway: change.runaway ?? false,
    },
    text,
    temperature: 0,
    noSpeechProbability: change.noSpeech ?? 0.01,
  };
}

const HONEST = ' The derivative of a sum is the sum of the derivatives.';

describe('compressionRatio', () => {
  it('equals Python: len(text.encode()) / len(zlib.compress(text.encode()))', () => {
    expect(compressionRatio('thank you '.repeat(30))).toBeCloseTo(300 / 23, 9);
    expect(compressionRatio(HONEST)).toBeLessThan(1.5);
  });
});

describe('isDoubtful', () => {
  it('trusts plain speech', () => {
    expect(isDoubtful(attempt(HONEST), 5)).toBe(false);
  });

  it.each([
    ['repetition', attempt(' thank you'.repeat(30))],
    ['low probability', attempt(HONEST, { average: -1.2 })],
    ['a runaway', attempt(HONEST, { runaway: true })],
    ['speech without words', attempt(' ')],
    ['more tokens than anyone can say', attempt(HONEST, { tokens: 101 })],
  ])('doubts %s', (_name, doubtful) => {
    expect(isDoubtful(doubtful, 5)).toBe(true);
  });
});

describe('isSilence', () => {
  it('needs both no speech and doubt', () => {
    expect(isSilence(attempt(HONEST, { noSpeech: 0.9, average: -1.5 }))).toBe(true);
    expect(isSilence(attempt(HONEST, { noSpeech: 0.9 }))).toBe(false);
    expect(isSilence(attempt(HONEST, { average: -1.5 }))).toBe(false);
  });
});

describe('leastBad', () => {
  it('takes the likeliest that does not repeat itself', () => {
    const loop = attempt(' thank you'.repeat(30), { average: -0.1 });
    const weak = attempt(HONEST, { average: -1.4 });
    const weaker = attempt(HONEST, { average: -1.8 });
    expect(leastBad([loop, weaker, weak])).toBe(weak);
    expect(leastBad([loop])).toBe(loop);
    expect(leastBad([])).toBeUndefined();
  });

  it('takes a repetition that the model is sure of before words drawn at random: people and recordings do repeat themselves', () => {
    const again = attempt(' The cheaper idea is the parity bit.'.repeat(5), { average: -0.05 });
    const drawn = attempt(' ENCE Only Master put your mind to the point of portals', { average: -5.3 });
    expect(leastBad([again, drawn])).toBe(again);
  });
});
