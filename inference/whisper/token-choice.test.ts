import { describe, expect, it } from 'vitest';
import { chooseToken, probabilityOf, seededRandom } from './token-choice.ts';

const all = { text: { start: 0, end: 4 }, timestamps: { start: 4, end: 8 } };
const zero = (): number => 0;

function logSoftmax(logits: number[], token: number): number {
  return logits[token]! - Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
}

describe('chooseToken', () => {
  it('takes the likeliest token and its log-probability', () => {
    const logits = [1, 5, 2, 0, 1, 0, 0, 0];
    const choice = chooseToken(Float32Array.from(logits), all, 0, zero);
    expect(choice.token).toBe(1);
    expect(choice.logProbability).toBeCloseTo(logSoftmax(logits, 1), 5);
  });

  it('takes a time where times together outweigh every plain token', () => {
    const logits = [1, 5, 2, 0, 4.5, 4.4, 4.3, 4.2];
    const choice = chooseToken(Float32Array.from(logits), all, 0, zero);
    expect(choice.token).toBe(4);
    expect(choice.logProbability).toBeCloseTo(logSoftmax([4.5, 4.4, 4.3, 4.2], 0), 5);
  });

  it('takes nothing that is not allowed or suppressed', () => {
    const logits = Float32Array.from([9, 8, Number.NEGATIVE_INFINITY, 1, 9, 9, 9, 9]);
    const choice = chooseToken(logits, { text: { start: 2, end: 4 }, timestamps: { start: 0, end: 0 } }, 0, zero);
    expect(choice).toEqual({ token: 3, logProbability: 0 });
  });

  it('draws by the tempered distribution, the same for the same seed', () => {
    const logits = Float32Array.from([2, 1, 0, Number.NEGATIVE_INFINITY, -50, -50, -50, -50]);
    const random = seededRandom(7);
    const draws = Array.from({ length: 4000 }, () => chooseToken(logits, all, 0.5, random).token);
    const share = (token: number): number => draws.filter((each) => each === token).length / draws.length;
    const total = Math.exp(4) + Math.exp(2) + 1;
    expect(Math.abs(share(0) - Math.exp(4) / total)).toBeLessThan(0.03);
    expect(Math.abs(share(1) - Math.exp(2) / total)).toBeLessThan(0.03);
    expect(share(3)).toBe(0);
    const again = seededRandom(7);
    expect(draws.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => chooseToken(logits, all, 0.5, again).token));
  });
});

describe('probabilityOf', () => {
  it('is the softmax', () => {
    expect(probabilityOf(1, Float32Array.of(0, Math.log(3), Number.NEGATIVE_INFINITY))).toBeCloseTo(0.75, 6);
  });
});
