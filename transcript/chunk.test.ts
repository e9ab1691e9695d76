import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunksSchema, type Transcript, type Turn } from '../contracts/transcript.ts';
import { anyWish, toOperation } from './any-edits.fixture.ts';
import { chunkTranscript } from './chunk.ts';
import { applyEdits } from './edit-apply.ts';

// A WordPiece-like counter: additive over words, about one token per four letters.
const tokenizer = {
  name: 'letters',
  count: (text: string) =>
    text
      .split(/\s+/)
      .filter(Boolean)
      .reduce((total, word) => total + Math.ceil(word.length / 4), 0),
};

function toTranscript(turns: { speaker: string | null; texts: string[] }[]): Transcript {
  let clock = 0;
  const made: Turn[] = turns.map(({ speaker, texts }) => {
    const words = texts.map((text) => {
      const startSeconds = clock;
      clock += 0.4;
      return { text, startSeconds, endSeconds: clock, confidence: 0.9, speaker, speakerSource: 'overlap' as const };
    });
    return { speaker, words, startSeconds: words[0]?.startSeconds ?? clock, endSeconds: clock };
  });
  return { language: 'en', durationSeconds: clock, speakers: ['S1', 'S2'], turns: made };
}

const wordText = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^[a-z]{1,9}$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{1,9}\.$/) },
  { weight: 1, arbitrary: fc.constantFrom('Dr.', 'Why?', 'Supercalifragilisticexpialidocious') },
);
const turns = fc.array(
  fc.record({ speaker: fc.constantFrom('S1', 'S2', null), texts: fc.array(wordText, { minLength: 1, maxLength: 120 }) }),
  { maxLength: 8 },
);
const limits = fc.record({
  maxTokens: fc.integer({ min: 20, max: 80 }),
  overlapTokens: fc.integer({ min: 0, max: 10 }),
  minTokens: fc.integer({ min: 0, max: 15 }),
});

describe('chunkTranscript', () => {
  it('keeps every word, in order, within the limits, one speaker a chunk, times ascending', () => {
    fc.assert(
      fc.property(turns, limits, (given, options) => {
        const transcript = toTranscript(given);
        const { chunks } = ChunksSchema.parse(chunkTranscript(transcript, tokenizer, options));
        const all = transcript.turns.flatMap((turn) => turn.words);
        const covered: number[] = [];
        for (const [index, chunk] of chunks.entries()) {
          expect(chunk.ordinal).toBe(index);
          expect(chunk.text).toBe(chunk.words.map((word) => word.text).join(' '));
          expect(chunk.tokens).toBe(tokenizer.count(chunk.text));
          expect(chunk.tokens).toBeLessThanOrEqual(options.maxTokens);
          expect(chunk.startSeconds).toBe(chunk.words[0]!.startSeconds);
          expect(chunk.endSeconds).toBe(chunk.words.at(-1)!.endSeconds);
          const first = all.findIndex((word) => word.startSeconds === chunk.words[0]!.startSeconds);
          const originals = all.slice(first, first + chunk.words.length);
          expect(originals.map((word) => word.text)).toEqual(chunk.words.map((word) => word.text));
          expect(originals.every((word) => word.speaker === chunk.speaker)).toBe(true);
          // Overlap with what came before: contiguous, bounded, and each chunk goes on.
          const last = first + chunk.words.length - 1;
          const known = covered.length;
          expect(first).toBeLessThanOrEqual(known);
          expect(last).toBeGreaterThanOrEqual(known);
          const repeated = all.slice(first, known).map((word) => word.text);
          expect(tokenizer.count(repeated.join(' '))).toBeLessThanOrEqual(options.overlapTokens);
          for (let position = known; position <= last; position++) covered.push(position);
        }
        expect(covered.length).toBe(all.length);
      }),
      { numRuns: 300 },
    );
  });

  it('cuts a long turn into even pieces at sentence ends, 50 tokens shared', () => {
    const sentence = ['The', 'idea', 'here', 'is', 'that', 'many', 'small', 'steps', 'add', 'up.'];
    const { chunks } = chunkTranscript(
      toTranscript([{ speaker: 'S1', texts: Array.from({ length: 60 }, () => sentence).flat() }]),
      tokenizer,
    );
    expect(chunks.length).toBe(4);
    for (const chunk of chunks) expect(chunk.text.endsWith('up.')).toBe(true);
    for (const [index, chunk] of chunks.entries()) {
      if (index === 0) continue;
      const shared = chunks[index - 1]!.words.filter((word) => word.startSeconds >= chunk.startSeconds);
      expect(tokenizer.count(shared.map((word) => word.text).join(' '))).toBeGreaterThan(40);
    }
  });

  it('begins an overlap with a whole sentence where one fits in', () => {
    const sentences = Array.from({ length: 12 }, (_, ordinal) => `Every ${'word '.repeat(6)}ending${ordinal}.`);
    const transcript = toTranscript([{ speaker: 'S1', texts: sentences.join(' ').split(' ') }]);
    const { chunks } = chunkTranscript(transcript, tokenizer, { maxTokens: 40, overlapTokens: 14, minTokens: 5 });
    expect(chunks.length).toBeGreaterThan(2);
    for (const { words } of chunks.slice(1)) {
      const first = transcript.turns[0]!.words.findIndex((word) => word.startSeconds === words[0]!.startSeconds);
      expect(transcript.turns[0]!.words[first - 1]!.text).toMatch(/^end/);
    }
  });

  it('keeps a short question between two long turns under its own speaker', () => {
    const long = Array.from({ length: 60 }, (_, index) => `word${index}`);
    const question = 'Why does the learning rate decay at the end of the epoch?'.split(' ');
    const { chunks } = chunkTranscript(
      toTranscript([
        { speaker: 'S1', texts: long },
        { speaker: 'S2', texts: question },
        { speaker: 'S1', texts: long },
      ]),
      tokenizer,
    );
    expect(chunks.map((chunk) => chunk.speaker)).toEqual(['S1', 'S2', 'S1']);
    expect(chunks[1]!.text).toBe(question.join(' '));
  });

  it('joins short turns of one speaker and of nobody known, never of two', () => {
    const { chunks } = chunkTranscript(
      toTranscript([
        { speaker: null, texts: ['Good'] },
        { speaker: null, texts: ['morning.'] },
        { speaker: 'S1', texts: ['So.'] },
        { speaker: 'S1', texts: ['We', 'begin.'] },
        { speaker: 'S2', texts: ['Yes.'] },
      ]),
      tokenizer,
    );
    expect(chunks.map(({ speaker, text }) => [speaker, text])).toEqual([
      [null, 'Good morning.'],
      ['S1', 'So. We begin.'],
      ['S2', 'Yes.'],
    ]);
  });

  it('carries the role of its speaker, where there is one', () => {
    const transcript = toTranscript([
      { speaker: 'S1', texts: ['So.'] },
      { speaker: 'S2', texts: ['Why?'] },
      { speaker: null, texts: ['Hm.'] },
    ]);
    const { chunks } = chunkTranscript({ ...transcript, roles: { S1: 'lecturer' } }, tokenizer);
    expect(chunks.map((chunk) => chunk.role)).toEqual(['lecturer', undefined, undefined]);
  });

  it('makes nothing of nothing', () => {
    expect(chunkTranscript(toTranscript([]), tokenizer)).toEqual({ tokenizer: 'letters', chunks: [] });
  });

  it('keeps the passages that an edit does not touch, and still every word', () => {
    fc.assert(
      fc.property(turns, limits, fc.array(anyWish, { minLength: 1, maxLength: 4 }), (given, options, wishes) => {
        let lecture = { transcript: toTranscript(given), speakerNames: {} };
        let chunks = chunkTranscript(lecture.transcript, tokenizer, options).chunks;
        for (const wish of wishes) {
          const operation = toOperation(wish, lecture.transcript);
          if (operation !== null) lecture = applyEdits(lecture, [operation]);
          chunks = chunkTranscript(lecture.transcript, tokenizer, { ...options, keep: chunks }).chunks;
          const said = new Set(chunks.flatMap((chunk) => chunk.words.map((word) => `${chunk.speaker} ${word.startSeconds} ${word.text}`)));
          const words = lecture.transcript.turns.flatMap((turn) => turn.words);
          expect(said).toEqual(new Set(words.map((word) => `${word.speaker} ${word.startSeconds} ${word.text}`)));
          for (const chunk of chunks)
            expect(chunk.tokens).toBeLessThanOrEqual(Math.max(options.maxTokens, chunk.words.length === 1 ? 30 : 0));
        }
      }),
    );
  });

  it('cuts a long turn anew only where a word was put in, sentences or none', () => {
    const texts = Array.from({ length: 2_000 }, (_, index) => `word${index}`);
    const transcript = toTranscript([{ speaker: 'S1', texts }]);
    const before = chunkTranscript(transcript, tokenizer).chunks;
    const edited = applyEdits({ transcript, speakerNames: {} }, [
      { kind: 'replaceWords', turn: 0, from: 900, to: 901, texts: ['a', 'much', 'longer', 'phrase'] },
    ]);
    const after = chunkTranscript(edited.transcript, tokenizer, { keep: before }).chunks;
    const known = new Set(before.map(({ text }) => text));
    expect(before.length).toBeGreaterThan(15);
    expect(after.filter(({ text }) => !known.has(text)).length).toBeLessThanOrEqual(3);
  });
});
