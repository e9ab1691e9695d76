import { describe, expect, it } from 'vitest';
import { MAX_TERMS, VocabularyTextSchema } from './vocabulary.ts';

describe('VocabularyTextSchema', () => {
  it('takes terms apart at commas, semicolons and line breaks, each once', () => {
    expect(VocabularyTextSchema.parse('Noether,  Emmy\tNoether;ideal\r\nideal, ,')).toEqual(['Noether', 'Emmy Noether', 'ideal']);
    // The same letter, spelled with a combining mark.
    expect(VocabularyTextSchema.parse('Schrödinger, Schro\u0308dinger')).toEqual(['Schrödinger']);
  });

  it.each([
    ['nothing', ' , ;\n'],
    ['too many', Array.from({ length: MAX_TERMS + 1 }, (_, index) => `term ${index}`).join()],
    ['too long', 'x'.repeat(61)],
    ['control characters', 'No\u0007ether'],
  ])('refuses %s', (_, text) => {
    expect(VocabularyTextSchema.safeParse(text).success).toBe(false);
  });
});
