import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { byteTokens, createTinyTokenizer } from './tiny-tokenizer.fixture.ts';
import { createWhisperTokenizer } from './tokenizer.ts';

const tokenizer = createTinyTokenizer([' the', 'ory']);

describe('createWhisperTokenizer', () => {
  it('knows its control tokens and languages', () => {
    expect(tokenizer.special).toEqual({
      endOfText: 50_257,
      startOfTranscript: 50_258,
      transcribe: 50_262,
      noSpeech: 50_265,
      noTimestamps: 50_266,
      timestampBegin: 50_267,
    });
    expect([...tokenizer.languages]).toEqual([
      ['en', 50_259],
      ['ja', 50_260],
    ]);
    expect(tokenizer.startSequence('ja')).toEqual([50_258, 50_260, 50_262]);
  });

  it('names the languages it knows when asked for another', () => {
    expect(() => tokenizer.startSequence('xx')).toThrow(
      expect.objectContaining({ kind: 'invalid-input', cure: expect.stringContaining('en, ja') as string }),
    );
  });

  it('says so when the file is not a Whisper tokenizer', () => {
    expect(() => createWhisperTokenizer({ model: { vocab: {} }, added_tokens: [] })).toThrow(LecternError);
  });

  it('decodes what bytes spell, and nothing of times and control tokens', () => {
    expect(tokenizer.decode([50_267, 256, 257, 50_280, 50_257])).toBe(' theory');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(tokenizer.decode(byteTokens(text))).toBe(text.toWellFormed());
      }),
    );
  });

  it('joins pairs in the order of their ids, within words only', () => {
    const small = createTinyTokenizer([' t', 'he', ' the', 'er', 'th']);
    // "er" comes after "he": it never gets its e.
    expect(small.encode(' there')).toEqual([258, ...byteTokens('re')]);
    expect(small.encode('there')).toEqual([...byteTokens('t'), 257, ...byteTokens('re')]);
    expect(small.encode('<|en|>')).toEqual(byteTokens('<|en|>'));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(small.decode(small.encode(text))).toBe(text.toWellFormed());
      }),
    );
  });
});
