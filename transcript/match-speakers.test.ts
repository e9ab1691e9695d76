import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SpeakerTurn } from '../contracts/transcript.ts';
import { matchSpeakers } from './match-speakers.ts';

const said = (...turns: [speaker: string, startSeconds: number, endSeconds: number][]): SpeakerTurn[] =>
  turns.map(([speaker, startSeconds, endSeconds]) => ({ speaker, startSeconds, endSeconds }));
const matches = (before: SpeakerTurn[], after: SpeakerTurn[]): Record<string, string> => Object.fromEntries(matchSpeakers(before, after));

test('labels in another order are told by when their speakers speak', () => {
  const before = said(['S1', 0, 10], ['S2', 10, 15], ['S1', 15, 30]);
  const after = said(['S1', 9.8, 15.2], ['S2', 0, 9.8], ['S2', 15.2, 30]);
  expect(matches(before, after)).toEqual({ S1: 'S2', S2: 'S1' });
});

test('of two that became one, who says more', () => {
  expect(matches(said(['S1', 0, 10], ['S2', 10, 13]), said(['S1', 0, 13]))).toEqual({ S1: 'S1' });
});

test('of one that became two, who says half of it', () => {
  expect(matches(said(['S1', 0, 10]), said(['S1', 0, 4], ['S2', 4, 10]))).toEqual({ S1: 'S2' });
  expect(matches(said(['S1', 0, 12]), said(['S1', 0, 4], ['S2', 4, 8], ['S3', 8, 12]))).toEqual({});
});

test('nobody is the counterpart of silence', () => {
  expect(matches(said(['S1', 0, 10]), said(['S1', 20, 30]))).toEqual({});
  expect(matches([], said(['S1', 0, 1]))).toEqual({});
});

test('everybody is their own counterpart, and no two have the same', () => {
  const turn = fc.tuple(fc.constantFrom('S1', 'S2', 'S3'), fc.integer({ min: 1, max: 90 }));
  const turns = fc.array(turn, { maxLength: 12 }).map((lengths) => {
    let clock = 0;
    return said(...lengths.map(([speaker, seconds]): [string, number, number] => [speaker, clock, (clock += seconds)]));
  });
  fc.assert(
    fc.property(turns, turns, (before, after) => {
      const names = new Set(before.map(({ speaker }) => speaker));
      expect(matches(before, before)).toEqual(Object.fromEntries([...names].map((name) => [name, name])));
      const found = [...matchSpeakers(before, after).values()];
      expect(new Set(found).size).toBe(found.length);
    }),
  );
});
