import { expect, test } from 'vitest';
import { comparePairs, countSuggestions, type OwnedVoice } from './voice-pairs.ts';

const voice = (person: string, sitting: string, degrees: number, cleanSeconds = 10): OwnedVoice => ({
  person,
  sitting,
  speaker: 'S1',
  cleanSeconds,
  vector: Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)),
});

const VOICES = [voice('Ines', 'a', 0), voice('Ines', 'b', 30), voice('Tom', 'c', 90), voice('Ada', 'd', 45, 4)];

test('pairs are of different sittings, enrolled from 5 s and heard from 3 s on', () => {
  const { same, different, lowestSame, highestDifferent, curve } = comparePairs(VOICES, VOICES);
  // Ines with Ines twice; Ines with Tom four times; the three who can be enrolled with Ada.
  expect([same, different]).toEqual([2, 7]);
  expect(lowestSame).toBeCloseTo(Math.cos(Math.PI / 6));
  expect(highestDifferent).toBeCloseTo(Math.cos(Math.PI / 12));
  expect(curve.find(({ score }) => score === 0.7)).toMatchObject({ falseAccepts: 3 / 7, falseRejects: 0 });
});

test('suggestions count right and wrong ones, and those for strangers', () => {
  const { known, strangers } = countSuggestions(VOICES, VOICES);
  expect(known).toEqual({ voices: 2, right: 2, wrong: 0 });
  // Ada is between Ines and Tom, but nearer to Ines by more than the margin; without Ines, the second of Ines is too far from Tom.
  expect(strangers).toEqual({ voices: 4, wrong: 1 });
});
