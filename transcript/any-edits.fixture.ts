import * as fc from 'fast-check';
import type { EditOperation } from '../contracts/edits.ts';
import type { Transcript } from '../contracts/transcript.ts';

/** What an editor might do, in proportions of whatever transcript there is. */
export interface EditWish {
  kind: EditOperation['kind'];
  /** 0 to 1: where in the lecture, and where in the turn. */
  turn: number;
  word: number;
  length: number;
  texts: string[];
}

const share = fc.double({ min: 0, max: 0.999, noNaN: true });

export const anyWish: fc.Arbitrary<EditWish> = fc.record({
  kind: fc.constantFrom(
    'replaceWords' as const,
    'replaceWords' as const,
    'splitTurn' as const,
    'joinTurns' as const,
    'assignTurns' as const,
    'mergeSpeakers' as const,
    'splitSpeaker' as const,
    'renameSpeaker' as const,
  ),
  turn: share,
  word: share,
  length: fc.integer({ min: 0, max: 6 }),
  texts: fc.array(fc.stringMatching(/^[a-z]{2,9}[.?]?$/), { maxLength: 5 }),
});

/** The operation that a wish comes to on this transcript; `null` where there is nothing it could be done to. */
export function toOperation(wish: EditWish, { turns, speakers }: Transcript): EditOperation | null {
  const turn = Math.floor(wish.turn * turns.length);
  const target = turns[turn];
  if (target === undefined) return null;
  const at = Math.floor(wish.word * (target.words.length + 1));
  const speaker = speakers[Math.floor(wish.word * speakers.length)];
  const other = speakers[Math.floor(wish.turn * speakers.length)];
  const toTurn = Math.min(turns.length, turn + 1 + wish.length);
  switch (wish.kind) {
    case 'replaceWords':
      return { kind: wish.kind, turn, from: at, to: Math.min(target.words.length, at + wish.length), texts: wish.texts };
    case 'splitTurn':
      return at < 1 || at >= target.words.length ? null : { kind: wish.kind, turn, at };
    case 'joinTurns':
      return turn + 1 >= turns.length ? null : { kind: wish.kind, turn };
    case 'assignTurns':
      return { kind: wish.kind, fromTurn: turn, toTurn, speaker: speaker ?? null };
    case 'mergeSpeakers':
      return speaker === undefined || other === undefined || speaker === other ? null : { kind: wish.kind, from: speaker, into: other };
    case 'splitSpeaker':
      return target.speaker === null || !speakers.includes(target.speaker)
        ? null
        : { kind: wish.kind, speaker: target.speaker, fromTurn: turn, toTurn };
    case 'renameSpeaker':
      return speaker === undefined ? null : { kind: wish.kind, speaker, name: wish.texts[0] ?? null };
    default:
      return wish.kind satisfies never;
  }
}
