import { assert, array, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EditOperation } from '../contracts/edits.ts';
import { TranscriptSchema, type Transcript } from '../contracts/transcript.ts';
import { anyWish, toOperation } from './any-edits.fixture.ts';
import { anyTranscript, spoken, transcriptOf } from './captions/transcript.fixture.ts';
import { applyEdits, highestLabel } from './edit-apply.ts';

const lecture = (transcript: Transcript, speakerNames: Record<string, string> = {}) => ({ transcript, speakerNames });
const two = transcriptOf(spoken('The cat sat down.'), spoken('Why did it?', 'S2', 10), spoken('It was tired.', 'S1', 20));
const textsOf = ({ turns }: Transcript) => turns.map(({ speaker, words }) => `${speaker}: ${words.map(({ text }) => text).join(' ')}`);
const edit = (...operations: Parameters<typeof applyEdits>[1]) => applyEdits(lecture(two, { S2: 'Emmy' }), operations);

describe('applyEdits', () => {
  it('keeps words in order and in their turns, each of one speaker, whatever is done', () => {
    assert(
      property(anyTranscript, array(anyWish, { maxLength: 8 }), (transcript, wishes) => {
        let edited = lecture(transcript);
        for (const wish of wishes) {
          const operation = toOperation(wish, edited.transcript);
          if (operation !== null) edited = applyEdits(edited, [operation]);
        }
        const { turns, speakers } = TranscriptSchema.parse(edited.transcript);
        const words = turns.flatMap((turn) => turn.words);
        for (const word of words) expect(word.endSeconds).toBeGreaterThanOrEqual(word.startSeconds);
        const starts = words.map(({ startSeconds }) => startSeconds);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        for (const turn of turns) {
          expect(turn.words.length).toBeGreaterThan(0);
          expect(new Set(turn.words.map(({ speaker }) => speaker))).toEqual(new Set([turn.speaker]));
          expect(turn.startSeconds).toBe(turn.words[0]!.startSeconds);
          expect([null, ...speakers]).toContain(turn.speaker);
        }
      }),
    );
  });

  it('leaves words that nobody touched as they were', () => {
    const before = two.turns.flatMap(({ words }) => words);
    const { transcript } = edit({ kind: 'replaceWords', turn: 0, from: 1, to: 2, texts: ['dog'] });
    const after = transcript.turns.flatMap(({ words }) => words);
    expect(after.filter((_, index) => index !== 1)).toEqual(before.filter((_, index) => index !== 1));
    expect(after[1]).toEqual({ ...before[1], text: 'dog', confidence: 1, speakerSource: 'edited' });
  });

  it('times words put in within the pause, and shares the time of words replaced', () => {
    const inserted = edit({ kind: 'replaceWords', turn: 0, from: 4, to: 4, texts: ['Very', 'slowly.'] }).transcript.turns[0]!.words.slice(
      4,
    );
    expect(inserted[0]!.startSeconds).toBeCloseTo(1.9);
    expect(inserted[1]!.endSeconds).toBeCloseTo(1.9 + 2 * 0.6);
    const replaced = edit({ kind: 'replaceWords', turn: 0, from: 1, to: 3, texts: ['dog', 'lay', 'right'] }).transcript.turns[0]!.words;
    expect(replaced.map(({ text }) => text)).toEqual(['The', 'dog', 'lay', 'right', 'down.']);
    expect([replaced[1]!.startSeconds, replaced[3]!.endSeconds]).toEqual([
      two.turns[0]!.words[1]!.startSeconds,
      two.turns[0]!.words[2]!.endSeconds,
    ]);
  });

  it('takes positions of one edit from the revision, not from one another', () => {
    const { transcript } = edit(
      { kind: 'replaceWords', turn: 0, from: 0, to: 1, texts: [] },
      { kind: 'replaceWords', turn: 0, from: 3, to: 4, texts: ['up.'] },
      { kind: 'joinTurns', turn: 1 },
      { kind: 'replaceWords', turn: 2, from: 0, to: 1, texts: ['She'] },
    );
    expect(textsOf(transcript)).toEqual(['S1: cat sat up.', 'S2: Why did it? She was tired.']);
  });

  it('drops empty turns, and speakers who say nothing any more', () => {
    const { transcript } = edit({ kind: 'replaceWords', turn: 1, from: 0, to: 3, texts: [] });
    expect(textsOf(transcript)).toEqual(['S1: The cat sat down.', 'S1: It was tired.']);
    expect(transcript.speakers).toEqual(['S1']);
  });

  it('splits and joins turns, and gives them to others', () => {
    const split = edit({ kind: 'splitTurn', turn: 2, at: 1, speaker: 'S2' });
    expect(textsOf(split.transcript).slice(2)).toEqual(['S1: It', 'S2: was tired.']);
    const assigned = edit({ kind: 'assignTurns', fromTurn: 0, toTurn: 2, speaker: null });
    expect(textsOf(assigned.transcript).map((text) => text.slice(0, 4))).toEqual(['null', 'null', 'S1: ']);
    expect(assigned.transcript.turns[0]!.words[0]!.speakerSource).toBe('edited');
  });

  it('merges speakers with the name that either has, and gives a new one a label that was never used', () => {
    const merged = edit({ kind: 'mergeSpeakers', from: 'S2', into: 'S1' });
    expect(merged.transcript.speakers).toEqual(['S1']);
    expect(merged.speakerNames).toEqual({ S1: 'Emmy' });
    const split = applyEdits(merged, [{ kind: 'splitSpeaker', speaker: 'S1', fromTurn: 1, toTurn: 2 }], highestLabel(lecture(two)));
    expect(textsOf(split.transcript)[1]).toBe('S3: Why did it?');
    expect(split.speakerNames).toEqual({ S1: 'Emmy' });
  });

  it.each<[EditOperation, RegExp]>([
    [{ kind: 'replaceWords', turn: 9, from: 0, to: 1, texts: [] }, /operations\[0\]: there is no turn 9/],
    [{ kind: 'replaceWords', turn: 0, from: 3, to: 9, texts: [] }, /no words 3 to 9/],
    [{ kind: 'splitTurn', turn: 0, at: 4 }, /cannot be split/],
    [{ kind: 'joinTurns', turn: 2 }, /no turn 3/],
    [{ kind: 'mergeSpeakers', from: 'S1', into: 'S7' }, /no speaker S7/],
    [{ kind: 'mergeSpeakers', from: 'S1', into: 'S1' }, /into itself/],
    [{ kind: 'splitSpeaker', speaker: 'S2', fromTurn: 0, toTurn: 1 }, /none of turns/],
    [{ kind: 'assignTurns', fromTurn: 2, toTurn: 2, speaker: null }, /are none/],
  ])('refuses %o', (operation, message) => {
    expect(() => edit(operation)).toThrow(message);
  });

  it('refuses operations that take the same words, and does nothing of the edit', () => {
    const twice: EditOperation = { kind: 'replaceWords', turn: 0, from: 0, to: 2, texts: ['x'] };
    expect(() => edit(twice, twice)).toThrow(/operations\[1\].*takes away/);
  });
});
