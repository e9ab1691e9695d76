import { assert, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EditOperation } from '../contracts/edits.ts';
import type { Transcript } from '../contracts/transcript.ts';
import { anyWish, toOperation } from './any-edits.fixture.ts';
import { anyTranscript, spoken, transcriptOf } from './captions/transcript.fixture.ts';
import { applyEdits } from './edit-apply.ts';
import { rebaseOperations } from './edit-rebase.ts';

const base = {
  transcript: transcriptOf(spoken('The cat sat down.'), spoken('Why did it?', 'S2', 10), spoken('It was tired.', 'S1', 20)),
  speakerNames: {},
};
const textOf = ({ turns }: Transcript) => turns.map(({ words }) => words.map(({ text }) => text).join(' '));

describe('rebaseOperations', () => {
  it('lets two editors of different words both end right', () => {
    const other = applyEdits(base, [
      { kind: 'replaceWords', turn: 0, from: 0, to: 1, texts: ['Yesterday', 'the'] },
      { kind: 'splitTurn', turn: 0, at: 2 },
    ]);
    const mine: EditOperation[] = [
      { kind: 'replaceWords', turn: 0, from: 2, to: 3, texts: ['lay'] },
      { kind: 'replaceWords', turn: 2, from: 3, to: 3, texts: ['Very.'] },
    ];
    const moved = rebaseOperations(mine, base, other);
    expect(textOf(applyEdits(other, moved!).transcript)).toEqual(['Yesterday the cat', 'lay down.', 'Why did it?', 'It was tired. Very.']);
  });

  it.each<[string, EditOperation, EditOperation]>([
    [
      'the same word',
      { kind: 'replaceWords', turn: 0, from: 1, to: 2, texts: ['dog'] },
      { kind: 'replaceWords', turn: 0, from: 1, to: 2, texts: [] },
    ],
    ['words parted by a new turn', { kind: 'replaceWords', turn: 0, from: 1, to: 3, texts: ['x'] }, { kind: 'splitTurn', turn: 0, at: 2 }],
    [
      'a gap that was filled',
      { kind: 'replaceWords', turn: 0, from: 2, to: 2, texts: ['a'] },
      { kind: 'replaceWords', turn: 0, from: 2, to: 2, texts: ['b'] },
    ],
    [
      'a turn of another speaker now',
      { kind: 'assignTurns', fromTurn: 1, toTurn: 2, speaker: 'S1' },
      { kind: 'assignTurns', fromTurn: 1, toTurn: 2, speaker: null },
    ],
    ['a speaker who is gone', { kind: 'renameSpeaker', speaker: 'S2', name: 'Emmy' }, { kind: 'mergeSpeakers', from: 'S2', into: 'S1' }],
    [
      'a name that is another now',
      { kind: 'renameSpeaker', speaker: 'S2', name: 'Emmy' },
      { kind: 'renameSpeaker', speaker: 'S2', name: 'Ada' },
    ],
  ])('does not decide about %s', (_, mine, theirs) => {
    expect(rebaseOperations([mine], base, applyEdits(base, [theirs]))).toBeNull();
  });

  it('changes nothing where nothing has changed', () => {
    assert(
      property(anyTranscript, anyWish, (transcript, wish) => {
        const operation = toOperation(wish, transcript);
        if (operation === null) return;
        const same = { transcript, speakerNames: {} };
        expect(rebaseOperations([operation], same, same)).toEqual([operation]);
      }),
    );
  });
});
