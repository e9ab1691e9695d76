import { describe, expect, it } from 'vitest';
import { LEGS } from '../../../contracts/query.ts';
import { toQuestionFeatures } from './question-features.ts';
import { tuneFusion, type FusionCase } from './tune-fusion.ts';
import { toWeightGrid } from './weight-grid.ts';

/** Dense always finds the right passage first; the other legs agree on a wrong one. */
const cases = Array.from({ length: 8 }, (_, index): FusionCase => {
  const right = `lec:eval:${index * 5}`;
  const wrong = `lec:eval:${index * 5 + 2}`;
  const lists = LEGS.map((leg) => {
    const [first, second] = leg === 'dense' ? [right, wrong] : [wrong, right];
    return { leg, hits: [first, second].map((chunkId, rank) => ({ chunkId, score: 1 - rank / 2 })) };
  });
  return { question: `Why does number ${index} matter?`, lists, relevance: new Map([[right, 1]]) };
});

describe('tuneFusion', () => {
  it('finds the leg that is right, with every scale, and shows it on the questions held out', () => {
    const { developmentQuestions, heldOutQuestions, scales } = tuneFusion(cases);
    expect([developmentQuestions, heldOutQuestions]).toEqual([4, 4]);
    for (const { weights, development, heldOut, thirds } of Object.values(scales)) {
      expect(weights.dense).toBeGreaterThanOrEqual(0.5);
      expect([development, heldOut]).toEqual([1, 1]);
      expect(thirds.heldOut).toBeLessThan(1);
    }
  });
});

describe('toWeightGrid', () => {
  it('holds every share once, each a whole', () => {
    const grid = toWeightGrid(10);
    expect(grid.length).toBe(66 + 1);
    expect(new Set(grid.map((weights) => JSON.stringify(weights))).size).toBe(grid.length);
    for (const weights of grid) expect(LEGS.reduce((sum, leg) => sum + weights[leg], 0)).toBeCloseTo(1, 12);
  });
});

describe('toQuestionFeatures', () => {
  it('reads quotes, figures, names and length off a question', () => {
    expect(toQuestionFeatures('Why is “strict mode” on?')).toMatchObject({ quoted: true, digits: false, rare: false, long: false });
    expect(toQuestionFeatures('What happened in 1815?')).toMatchObject({ quoted: false, digits: true, rare: false });
    expect(toQuestionFeatures('What did Noether prove?')).toMatchObject({ rare: true });
    expect(toQuestionFeatures('What is photosynthesis?')).toMatchObject({ rare: true });
    expect(toQuestionFeatures('Which green plants turn red light into sugar near cold deep lakes?').long).toBe(true);
  });
});
