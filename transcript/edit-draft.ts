import { LecternError } from '../contracts/errors.ts';
import type { Transcript, Turn, Word } from '../contracts/transcript.ts';
import { assignRoles } from './roles.ts';

/**
 * A transcript while it is being edited. Words are known by what they are, not by where: a word of the base is the same object
 * here until it is replaced, so positions of the base keep their meaning whatever was done before. Speakers are the turns'.
 */
export interface Draft {
  turns: {
    speaker: string | null;
    words: Word[];
    /** Positions of the turns of the base that it was made of. */
    origins: readonly number[];
  }[];
}

export function toDraft({ turns }: Transcript): Draft {
  return { turns: turns.map(({ speaker, words }, position) => ({ speaker, words: [...words], origins: [position] })) };
}

/** Where a word of the base is now. Errors: `invalid-input` where another operation of the same edit has taken it away. */
export function locate(draft: Draft, word: Word): { turn: number; index: number } {
  for (const [turn, { words }] of draft.turns.entries()) {
    const index = words.indexOf(word);
    if (index >= 0) return { turn, index };
  }
  throw invalid('it touches words that another operation of this edit takes away');
}

/** The turn at a position of the base, and its words. */
export function turnAt({ turns }: Transcript, position: number): Turn {
  const turn = turns[position];
  if (turn === undefined) throw invalid(`there is no turn ${position}: the transcript has ${turns.length}, from 0`);
  return turn;
}

/** The transcript that a draft has become: words stamped with their turn's speaker, no empty turns, roles anew. */
export function fromDraft(base: Transcript, draft: Draft): Transcript {
  const turns = draft.turns.filter(({ words }) => words.length > 0).map(({ speaker, words }) => toTurn(speaker, words));
  const [said, saying] = [speakersOf(base.turns), speakersOf(turns)];
  // Who never said a word was found by the diarization all the same; who says none any more is gone.
  const kept = base.speakers.filter((speaker) => saying.has(speaker) || !said.has(speaker));
  return {
    ...base,
    speakers: [...kept, ...[...saying].filter((speaker) => !base.speakers.includes(speaker))],
    ...(base.roles === undefined ? {} : { roles: assignRoles(turns) }),
    turns,
  };
}

function toTurn(speaker: string | null, words: readonly Word[]): Turn {
  return {
    speaker,
    startSeconds: words[0]!.startSeconds,
    endSeconds: words.reduce((latest, { endSeconds }) => Math.max(latest, endSeconds), 0),
    words: words.map((word) => (word.speaker === speaker ? word : { ...word, speaker, speakerSource: 'edited' })),
  };
}

function speakersOf(turns: readonly Turn[]): Set<string> {
  return new Set(turns.flatMap(({ speaker }) => (speaker === null ? [] : [speaker])));
}

export function invalid(message: string): LecternError {
  return new LecternError('invalid-input', message, { cure: 'Read the transcript again: positions are of the revision named.' });
}
