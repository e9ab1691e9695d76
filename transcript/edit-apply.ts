import type { EditOperation } from '../contracts/edits.ts';
import { LecternError } from '../contracts/errors.ts';
import type { Transcript, Word } from '../contracts/transcript.ts';
import { fromDraft, invalid, locate, toDraft, turnAt, type Draft } from './edit-draft.ts';
import { timeWords } from './edit-times.ts';

/** What a revision holds: a transcript, and the names of its speakers by label. */
export interface EditedLecture {
  transcript: Transcript;
  speakerNames: Readonly<Record<string, string>>;
}

interface Editing {
  base: EditedLecture;
  draft: Draft;
  names: Record<string, string>;
  /** Number of the last label that was ever given in this lecture. */
  lastLabel: number;
}

type Operation<Kind extends EditOperation['kind']> = Extract<EditOperation, { kind: Kind }>;

/**
 * Applies operations, all of them or none. `lastLabel` is the highest number of a speaker that this lecture ever had: a new speaker
 * gets the next, never the label of somebody who was merged away. Errors: `invalid-input`, with the operation's position.
 */
export function applyEdits(base: EditedLecture, operations: readonly EditOperation[], lastLabel = highestLabel(base)): EditedLecture {
  const editing: Editing = { base, draft: toDraft(base.transcript), names: { ...base.speakerNames }, lastLabel };
  for (const [index, operation] of operations.entries()) {
    try {
      apply(editing, operation);
    } catch (error) {
      if (!(error instanceof LecternError)) throw error;
      throw new LecternError(error.kind, `operations[${index}]: ${error.message}`, error.cure === undefined ? {} : { cure: error.cure });
    }
  }
  return { transcript: fromDraft(base.transcript, editing.draft), speakerNames: editing.names };
}

/** 3 where the speakers, the named ones too, go up to `S3`. */
export function highestLabel({ transcript, speakerNames }: EditedLecture): number {
  const labels = [...transcript.speakers, ...transcript.turns.flatMap(({ speaker }) => speaker ?? []), ...Object.keys(speakerNames)];
  return labels.reduce((highest, label) => Math.max(highest, Number(/^S(\d+)$/.exec(label)?.[1] ?? 0)), 0);
}

function apply(editing: Editing, operation: EditOperation): void {
  switch (operation.kind) {
    case 'replaceWords':
      return replaceWords(editing, operation);
    case 'splitTurn':
      return splitTurn(editing, operation);
    case 'joinTurns':
      return joinTurns(editing, operation);
    case 'assignTurns':
      if (operation.speaker !== null) requireSpeaker(editing, operation.speaker);
      return assignTurns(editing, operation, () => true, operation.speaker);
    case 'mergeSpeakers':
      return mergeSpeakers(editing, operation);
    case 'splitSpeaker':
      requireSpeaker(editing, operation.speaker);
      return assignTurns(editing, operation, (speaker) => speaker === operation.speaker, nextLabel(editing));
    case 'renameSpeaker':
      return renameSpeaker(editing, operation);
    default:
      throw new Error(`unknown operation ${JSON.stringify(operation satisfies never)}`);
  }
}

function replaceWords({ base, draft }: Editing, { turn, from, to, texts }: Operation<'replaceWords'>): void {
  const { words, speaker } = turnAt(base.transcript, turn);
  if (from > to || to > words.length) throw invalid(`there are no words ${from} to ${to}: turn ${turn} has ${words.length}`);
  // Where words are put in, the word before or after is the hold.
  const first = locate(draft, words[from] ?? words.at(-1)!);
  const start = words[from] === undefined ? first.index + 1 : first.index;
  const now = draft.turns[first.turn]!;
  const replaced = words.slice(from, to);
  if (replaced.some((word, index) => now.words[start + index] !== word)) {
    throw invalid('it touches words that another operation of this edit takes away or moves apart');
  }
  const flat = draft.turns.flatMap((each) => each.words);
  const at = replaced.length === 0 && words[from] === undefined ? flat.indexOf(words.at(-1)!) + 1 : flat.indexOf(words[from]!);
  const timed = timeWords(texts, replaced, {
    before: flat[at - 1],
    after: flat[at + replaced.length],
    durationSeconds: base.transcript.durationSeconds,
  });
  const added = timed.map((word): Word => ({ ...word, speaker, speakerSource: 'edited' }));
  now.words.splice(start, replaced.length, ...added);
}

function splitTurn(editing: Editing, { turn, at, speaker }: Operation<'splitTurn'>): void {
  const { words } = turnAt(editing.base.transcript, turn);
  if (at >= words.length) throw invalid(`turn ${turn} cannot be split at word ${at}: it has ${words.length}`);
  if (speaker != null) requireSpeaker(editing, speaker);
  const { turn: now, index } = locate(editing.draft, words[at]!);
  const whole = editing.draft.turns[now]!;
  if (index === 0) {
    // It begins a turn already: another operation has split here, or taken what was before.
    if (speaker !== undefined) whole.speaker = speaker;
    return;
  }
  const tail = { speaker: speaker === undefined ? whole.speaker : speaker, words: whole.words.splice(index), origins: whole.origins };
  editing.draft.turns.splice(now + 1, 0, tail);
}

function joinTurns({ base, draft }: Editing, { turn }: Operation<'joinTurns'>): void {
  turnAt(base.transcript, turn + 1);
  const left = draft.turns.findLastIndex(({ origins }) => origins.includes(turn));
  const right = draft.turns.findIndex(({ origins }) => origins.includes(turn + 1));
  // Joined already, by another operation.
  if (right <= left) return;
  const [first, second] = [draft.turns[left]!, draft.turns[right]!];
  const whole = { ...first, words: [...first.words, ...second.words], origins: [...first.origins, ...second.origins] };
  draft.turns.splice(left, 2, whole);
}

function assignTurns(
  { base, draft }: Editing,
  { fromTurn, toTurn }: { fromTurn: number; toTurn: number },
  isMeant: (speaker: string | null) => boolean,
  speaker: string | null,
): void {
  if (fromTurn >= toTurn) throw invalid(`turns ${fromTurn} to ${toTurn} are none`);
  turnAt(base.transcript, toTurn - 1);
  const meant = new Set<number>();
  for (let turn = fromTurn; turn < toTurn; turn++) if (isMeant(turnAt(base.transcript, turn).speaker)) meant.add(turn);
  if (meant.size === 0) throw invalid(`none of turns ${fromTurn} to ${toTurn} is this speaker's`);
  for (const turn of draft.turns) if (turn.origins.some((origin) => meant.has(origin))) turn.speaker = speaker;
}

function mergeSpeakers(editing: Editing, { from, into }: Operation<'mergeSpeakers'>): void {
  if (from === into) throw invalid(`${from} cannot be merged into itself`);
  requireSpeaker(editing, from);
  requireSpeaker(editing, into);
  for (const turn of editing.draft.turns) if (turn.speaker === from) turn.speaker = into;
  const { [from]: name, ...others } = editing.names;
  // The one that goes may have been the one with a name.
  editing.names = name === undefined || others[into] !== undefined ? others : { ...others, [into]: name };
}

function renameSpeaker(editing: Editing, { speaker, name }: Operation<'renameSpeaker'>): void {
  requireSpeaker(editing, speaker);
  const { [speaker]: _before, ...others } = editing.names;
  editing.names = name === null ? others : { ...others, [speaker]: name };
}

function requireSpeaker({ base, draft }: Editing, speaker: string): void {
  if (base.transcript.speakers.includes(speaker) || draft.turns.some((turn) => turn.speaker === speaker)) return;
  throw invalid(`there is no speaker ${speaker}`);
}

function nextLabel(editing: Editing): string {
  editing.lastLabel += 1;
  return `S${editing.lastLabel}`;
}
