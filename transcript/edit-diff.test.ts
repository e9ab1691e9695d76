import { assert, property } from 'fast-check';
import { expect, it } from 'vitest';
import { anyTranscript, spoken, transcriptOf } from './captions/transcript.fixture.ts';
import { applyEdits } from './edit-apply.ts';
import { diffRevisions } from './edit-diff.ts';

const base = { transcript: transcriptOf(spoken('The cat sat down.'), spoken('Why did it?', 'S2', 10)), speakerNames: {} };

it('says where words changed, whose they are now, and who has another name', () => {
  const edited = applyEdits(base, [
    { kind: 'replaceWords', turn: 0, from: 1, to: 3, texts: ['dog'] },
    { kind: 'assignTurns', fromTurn: 1, toTurn: 2, speaker: 'S1' },
    { kind: 'renameSpeaker', speaker: 'S1', name: 'Emmy' },
  ]);
  expect(diffRevisions(base, edited)).toEqual({
    summary: { wordsAdded: 1, wordsRemoved: 2, wordsReassigned: 3, turns: 0, speakersRenamed: 1 },
    changes: [
      { kind: 'words', startSeconds: 0.5, speaker: 'S1', removed: 'cat sat', added: 'dog' },
      { kind: 'speaker', startSeconds: 10, words: 3, before: 'S2', after: 'S1' },
      { kind: 'name', speaker: 'S1', before: null, after: 'Emmy' },
    ],
  });
});

it('finds nothing between a transcript and itself', () => {
  assert(
    property(anyTranscript, (transcript) => {
      const same = { transcript, speakerNames: { S1: 'Emmy' } };
      expect(diffRevisions(same, same).changes).toEqual([]);
    }),
  );
});
