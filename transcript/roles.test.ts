import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SpanSchema, type Turn, type Word } from '../contracts/transcript.ts';
import { z } from 'zod';
import { assignRoles } from './roles.ts';
import { measureSpeaking } from './speaking-facts.ts';

/** Turns one after the other, a second of pause between them; `?` at the end of a text asks. */
function conversation(...parts: [speaker: string | null, seconds: number, text?: string][]): Turn[] {
  let clock = 0;
  return parts.map(([speaker, seconds, text = 'So it is.']): Turn => {
    const texts = text.split(' ');
    const startSeconds = clock;
    const words = texts.map((word, index): Word => {
      const start = startSeconds + (index * seconds) / texts.length;
      const speakerSource = speaker === null ? 'unknown' : 'overlap';
      return { text: word, startSeconds: start, endSeconds: start + seconds / texts.length, confidence: 1, speaker, speakerSource };
    });
    clock += seconds + 1;
    return { speaker, startSeconds, endSeconds: startSeconds + seconds, words };
  });
}

function repeat<T>(count: number, items: readonly T[]): T[] {
  return Array.from({ length: count }, () => items).flat();
}

test('the demo lecture has a lecturer and two who ask', () => {
  const TruthSchema = z.object({
    turns: z.array(z.object({ speaker: z.string(), words: z.array(SpanSchema.extend({ text: z.string() })) })),
  });
  const { turns } = TruthSchema.parse(JSON.parse(readFileSync(new URL('../demo/truth.json', import.meta.url), 'utf8')));
  const spoken = turns.map(({ speaker, words }): Turn => ({
    speaker,
    startSeconds: words[0]!.startSeconds,
    endSeconds: words.at(-1)!.endSeconds,
    words: words.map((word): Word => ({ ...word, confidence: 1, speaker, speakerSource: 'overlap' })),
  }));
  expect(assignRoles(spoken)).toEqual({ lecturer: 'lecturer', ines: 'questioner', tom: 'questioner' });
});

describe('who is whom', () => {
  test('one person lectures', () => {
    expect(assignRoles(conversation(['S1', 900]))).toEqual({ S1: 'lecturer' });
  });

  test('in a panel of equals nobody does, whoever asks', () => {
    const round: [string, number, string][] = [
      ['S1', 40, 'What do you think?'],
      ['S2', 50, 'I agree.'],
      ['S3', 45, 'Do you?'],
      ['S4', 48, 'Hardly.'],
    ];
    expect(assignRoles(conversation(...repeat(5, round)))).toEqual({ S1: 'speaker', S2: 'speaker', S3: 'speaker', S4: 'speaker' });
  });

  test('of two who talk as much as each other neither is told from the other', () => {
    const exchange: [string, number, string][] = [
      ['S1', 60, 'So it is.'],
      ['S2', 50, 'Why?'],
    ];
    expect(assignRoles(conversation(...repeat(4, exchange)))).toEqual({ S1: 'speaker', S2: 'speaker' });
  });

  test('an interviewer asks', () => {
    const exchange: [string, number, string][] = [
      ['S1', 12, 'How did that begin?'],
      ['S2', 70, 'By chance.'],
    ];
    expect(assignRoles(conversation(...repeat(6, exchange)))).toEqual({ S1: 'questioner', S2: 'lecturer' });
  });

  test('who only says thanks, or talks at length, has no role beside the lecturer', () => {
    const turns = conversation(
      ['S1', 3000],
      ['S2', 2, 'Thank you.'],
      ['S3', 300, 'Let me show my own results. Clear?'],
      ['S1', 100],
      ['S4', 6, 'و لماذا؟'],
    );
    expect(assignRoles(turns)).toEqual({ S1: 'lecturer', S2: 'speaker', S3: 'speaker', S4: 'questioner' });
  });

  test('nobody known has no role', () => {
    expect(assignRoles(conversation([null, 60]))).toEqual({});
    expect(assignRoles([])).toEqual({});
  });
});

const anyConversation = fc
  .array(fc.tuple(fc.constantFrom('S1', 'S2', 'S3', null), fc.integer({ min: 1, max: 300 }), fc.constantFrom('Yes.', 'Why?')), {
    maxLength: 20,
  })
  .map((parts) => conversation(...parts));

test('each known speaker has one role, and at most one lectures', () => {
  fc.assert(
    fc.property(anyConversation, (turns) => {
      const roles = assignRoles(turns);
      expect(new Set(Object.keys(roles))).toEqual(new Set(turns.flatMap(({ speaker }) => speaker ?? [])));
      const lecturers = Object.values(roles).filter((role) => role === 'lecturer').length;
      expect(lecturers).toBeLessThanOrEqual(1);
      expect(lecturers === 1 || !Object.values(roles).includes('questioner')).toBe(true);
    }),
  );
});

test('the facts add up', () => {
  fc.assert(
    fc.property(anyConversation, (turns) => {
      const facts = measureSpeaking(turns);
      const known = turns.filter(({ speaker }) => speaker !== null);
      expect(facts.reduce((sum, { turns: count }) => sum + count, 0)).toBe(known.length);
      expect(facts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(known.length === 0 ? 0 : 1);
      for (const { questionTurns, turns: count } of facts) expect(questionTurns).toBeLessThanOrEqual(count);
    }),
  );
});
