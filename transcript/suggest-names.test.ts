import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SAME_VOICE_MARGIN, SAME_VOICE_SCORE, suggestNames, type KnownVoice, type LectureVoice } from './suggest-names.ts';

/** A voice at this angle in the plane: two differ by the cosine of the angle between them. */
const at = (degrees: number): Float32Array => Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
const heard = (speaker: string, degrees: number, cleanSeconds = 20): LectureVoice => ({ speaker, cleanSeconds, vector: at(degrees) });
const known = (name: string, ...degrees: number[]): KnownVoice => ({ voiceprintId: `vp_${name}`, name, samples: degrees.map(at) });
const names = (voices: LectureVoice[], people: KnownVoice[]): Record<string, string> =>
  Object.fromEntries([...suggestNames(voices, people)].map(([speaker, { suggestedName }]) => [speaker, suggestedName]));

describe('a voice', () => {
  test('suggests whom it is near to, with score and margin', () => {
    const suggestion = suggestNames([heard('S1', 10)], [known('Ines', 0, 20), known('Tom', 100)]).get('S1');
    expect(suggestion).toMatchObject({ suggestedName: 'Ines', voiceprintId: 'vp_Ines' });
    expect(suggestion?.score).toBeCloseTo(1);
    expect(suggestion?.margin).toBeCloseTo(1);
  });

  test('has no margin where there is nobody else', () => {
    expect(suggestNames([heard('S1', 0)], [known('Ines', 0)]).get('S1')?.margin).toBeNull();
  });

  test('that is near to nobody suggests nobody', () => {
    expect(names([heard('S1', 60)], [known('Ines', 0), known('Tom', 180)])).toEqual({});
  });

  test('between two people suggests neither', () => {
    expect(names([heard('S1', 10)], [known('Ines', 0), known('Tom', 20)])).toEqual({});
  });

  test('of two seconds suggests nobody', () => {
    expect(names([heard('S1', 0, 2)], [known('Ines', 0)])).toEqual({});
  });

  test('is one person’s: of two that sound like Ines the nearer one', () => {
    expect(names([heard('S1', 20), heard('S2', 5)], [known('Ines', 0)])).toEqual({ S2: 'Ines' });
  });

  test('suggests nobody without voiceprints, and none of those that have no sample of this model', () => {
    expect(names([heard('S1', 0)], [])).toEqual({});
    expect(names([heard('S1', 0)], [known('Ines')])).toEqual({});
  });
});

const angle = fc.integer({ min: 0, max: 359 });

test('no name is suggested twice, and each has its score and margin', () => {
  fc.assert(
    fc.property(fc.array(angle, { maxLength: 6 }), fc.array(angle, { maxLength: 6 }), (voices, people) => {
      const suggestions = suggestNames(
        voices.map((degrees, index) => heard(`S${index + 1}`, degrees)),
        people.map((degrees, index) => known(`person ${index}`, degrees)),
      );
      const suggested = [...suggestions.values()];
      expect(new Set(suggested.map(({ voiceprintId }) => voiceprintId)).size).toBe(suggested.length);
      for (const { score, margin } of suggested) {
        expect(score).toBeGreaterThanOrEqual(SAME_VOICE_SCORE);
        expect(margin ?? SAME_VOICE_MARGIN).toBeGreaterThanOrEqual(SAME_VOICE_MARGIN);
      }
    }),
  );
});
