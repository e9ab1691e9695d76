import { describe, expect, it } from 'vitest';
import { assert, array, property } from 'fast-check';
import type { Transcript } from '../contracts/transcript.ts';
import { anyWish, toOperation } from './any-edits.fixture.ts';
import { anyTranscript, spoken, transcriptOf } from './captions/transcript.fixture.ts';
import { carryEdits } from './carry-edits.ts';
import { applyEdits } from './edit-apply.ts';

const machine = transcriptOf(spoken('The cat sat down.'), spoken('Why did it?', 'S2', 10));
/** Heard by a better model: slightly other times, and one word more. */
const renewed = transcriptOf(spoken('The cat sat right down.', 'S1', 0.02), spoken('Why did it?', 'S2', 10.1));
const textsOf = ({ turns }: Transcript) => turns.map(({ speaker, words }) => `${speaker}: ${words.map(({ text }) => text).join(' ')}`);
const edited = (...operations: Parameters<typeof applyEdits>[1]) =>
  applyEdits({ transcript: machine, speakerNames: {} }, operations).transcript;

describe('carryEdits', () => {
  it('does to the new transcript what people did to the old one', () => {
    const own = edited(
      { kind: 'replaceWords', turn: 0, from: 1, to: 2, texts: ['dog'] },
      { kind: 'replaceWords', turn: 1, from: 3, to: 3, texts: ['Tell', 'me.'] },
      { kind: 'assignTurns', fromTurn: 1, toTurn: 2, speaker: null },
    );
    const carried = carryEdits(machine, own, renewed);
    expect(textsOf(carried.transcript)).toEqual(['S1: The dog sat right down.', 'null: Why did it? Tell me.']);
    expect(carried.lost).toBe(0);
  });

  it('counts what the new transcript has no place for', () => {
    const own = edited(
      { kind: 'replaceWords', turn: 0, from: 3, to: 3, texts: ['quietly'] },
      { kind: 'mergeSpeakers', from: 'S2', into: 'S1' },
    );
    const others = transcriptOf(renewed.turns[0]!, spoken('Why did it?', 'S3', 10.1));
    expect(carryEdits(machine, own, others)).toMatchObject({ lost: 1 + 3 });
  });

  it('gives the machine’s own transcript as people left it, but for turns of one speaker', () => {
    assert(
      property(anyTranscript, array(anyWish, { maxLength: 4 }), (transcript, wishes) => {
        let own = { transcript, speakerNames: {} };
        for (const wish of wishes) {
          const operation = toOperation(wish, own.transcript);
          if (operation !== null && operation.kind === 'replaceWords') own = applyEdits(own, [operation]);
        }
        const words = (of: Transcript): string[] => of.turns.flatMap((turn) => turn.words.map(({ text }) => text));
        const carried = carryEdits(transcript, own.transcript, transcript);
        expect({ lost: carried.lost, words: words(carried.transcript) }).toEqual({ lost: 0, words: words(own.transcript) });
      }),
    );
  });
});
