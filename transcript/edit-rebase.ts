import type { EditOperation } from '../contracts/edits.ts';
import type { EditedLecture } from './edit-apply.ts';
import { flatten, matchWords, type FlatTranscript, type WordMatches } from './match-words.ts';

interface Rebase {
  from: EditedLecture;
  to: EditedLecture;
  before: FlatTranscript;
  after: FlatTranscript;
  matches: WordMatches;
}

/**
 * Operations against `from` as operations against `to`, a later revision of the same transcript, so that two editors who touch
 * different words both end right. `null` where one of them touches what has changed since: who made it has to look at it again.
 */
export function rebaseOperations(operations: readonly EditOperation[], from: EditedLecture, to: EditedLecture): EditOperation[] | null {
  const [before, after] = [flatten(from.transcript), flatten(to.transcript)];
  const rebase: Rebase = { from, to, before, after, matches: matchWords(before.words, after.words, 0) };
  const moved: EditOperation[] = [];
  for (const operation of operations) {
    const one = moveOperation(rebase, operation);
    if (one === null) return null;
    moved.push(one);
  }
  return moved;
}

function moveOperation(rebase: Rebase, operation: EditOperation): EditOperation | null {
  switch (operation.kind) {
    case 'replaceWords':
      return moveReplacement(rebase, operation);
    case 'splitTurn': {
      const range = moveRange(rebase, operation.turn, operation.at - 1, operation.at + 1);
      return range && { ...operation, turn: range.turn, at: range.from + 1 };
    }
    case 'joinTurns': {
      const turns = moveTurns(rebase, operation.turn, operation.turn + 2);
      return turns && { ...operation, turn: turns.fromTurn };
    }
    case 'assignTurns':
    case 'splitSpeaker': {
      const turns = moveTurns(rebase, operation.fromTurn, operation.toTurn);
      return turns && { ...operation, ...turns };
    }
    case 'mergeSpeakers':
      return isThere(rebase, operation.from) && isThere(rebase, operation.into) ? operation : null;
    case 'renameSpeaker': {
      const isSame = rebase.from.speakerNames[operation.speaker] === rebase.to.speakerNames[operation.speaker];
      return isSame && isThere(rebase, operation.speaker) ? operation : null;
    }
    default:
      throw new Error(`unknown operation ${JSON.stringify(operation satisfies never)}`);
  }
}

function isThere({ to }: Rebase, speaker: string): boolean {
  return to.transcript.speakers.includes(speaker);
}

function moveReplacement(rebase: Rebase, operation: Extract<EditOperation, { kind: 'replaceWords' }>): EditOperation | null {
  const { turn, from, to } = operation;
  if (from < to) {
    const range = moveRange(rebase, turn, from, to);
    return range && { ...operation, ...range };
  }
  // Between two words: both have to be there still, side by side.
  const length = rebase.from.transcript.turns[turn]?.words.length ?? 0;
  const hold = moveRange(rebase, turn, Math.max(0, from - 1), Math.min(length, from + 1));
  if (hold === null) return null;
  const at = from === 0 ? hold.from : hold.from + 1;
  return { ...operation, turn: hold.turn, from: at, to: at };
}

/** Words of a turn as a range of a turn of `to`; `null` unless all are there, side by side, in one turn. */
function moveRange(
  { before, after, matches }: Rebase,
  turn: number,
  from: number,
  to: number,
): { turn: number; from: number; to: number } | null {
  const start = before.starts[turn];
  if (start === undefined || from >= to) return null;
  const first = matches.get(start + from);
  if (first === undefined) return null;
  for (let offset = 0; offset < to - from; offset++) if (matches.get(start + from + offset) !== first + offset) return null;
  const [place, last] = [after.places[first]!, after.places[first + to - from - 1]!];
  return place.turn === last.turn ? { turn: place.turn, from: place.index, to: place.index + to - from } : null;
}

/** Turns as turns of `to`; `null` unless each begins and ends as it did and is of the same speaker. */
function moveTurns(
  { from, to, before, after, matches }: Rebase,
  fromTurn: number,
  toTurn: number,
): { fromTurn: number; toTurn: number } | null {
  const moved: number[] = [];
  for (let turn = fromTurn; turn < toTurn; turn++) {
    const was = from.transcript.turns[turn];
    if (was === undefined) return null;
    const first = matches.get(before.starts[turn]!);
    const last = matches.get(before.starts[turn]! + was.words.length - 1);
    if (first === undefined || last === undefined) return null;
    const [start, end] = [after.places[first]!, after.places[last]!];
    const is = to.transcript.turns[start.turn]!;
    const isWhole = start.turn === end.turn && start.index === 0 && end.index === is.words.length - 1;
    if (!isWhole || is.speaker !== was.speaker || (moved.length > 0 && start.turn !== moved.at(-1)! + 1)) return null;
    moved.push(start.turn);
  }
  return moved.length === 0 ? null : { fromTurn: moved[0]!, toTurn: moved.at(-1)! + 1 };
}
