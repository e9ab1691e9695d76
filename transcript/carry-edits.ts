import type { Transcript, Word } from '../contracts/transcript.ts';
import { timeWords } from './edit-times.ts';
import { flatten, HEARD_AGAIN_SECONDS, matchWords, type WordMatches } from './match-words.ts';
import { assignRoles } from './roles.ts';
import { toTurns } from './turns.ts';

export interface CarriedEdits {
  transcript: Transcript;
  /** Changes of people that the new transcript has no place for. */
  lost: number;
}

/** A stretch of words, `to` exclusive. */
interface Stretch {
  from: number;
  to: number;
}

/**
 * What people changed in the machine's old transcript, done to its new one: of another model, or with other speakers. A change of
 * words is carried over where the new transcript has the words that it replaced, or that it stood between; a change of speaker where
 * the machine says of the word what it said before. Where turns of one speaker were parted is not carried over.
 */
export function carryEdits(machine: Transcript, edited: Transcript, renewed: Transcript): CarriedEdits {
  const [old, own, fresh] = [flatten(machine).words, flatten(edited).words, flatten(renewed).words];
  const [kept, heardAgain] = [matchWords(old, own, 0), matchWords(old, fresh, HEARD_AGAIN_SECONDS)];
  /** The new words, each as the words that stand in its place; at the end what comes after all. */
  const slots: Word[][] = [...fresh.map((word) => [word]), []];
  let lost = 0;

  for (const [was, is] of kept) {
    const [before, after] = [old[was]!, own[is]!];
    if (before.speaker === after.speaker) continue;
    const at = heardAgain.get(was);
    if (at === undefined || fresh[at]!.speaker !== before.speaker) lost += 1;
    else slots[at] = [{ ...fresh[at]!, speaker: after.speaker, speakerSource: 'edited' }];
  }
  for (const { replaced, by } of findHunks(kept, old.length, own.length)) {
    const place = placeOf(replaced, heardAgain, old.length, fresh.length);
    if (place === null) {
      lost += 1;
      continue;
    }
    const words = own.slice(by.from, by.to);
    const texts = words.map(({ text }) => text);
    // As who spoke right before, or right after, where it is the same person in the edited transcript.
    const speakerOf = ({ speaker }: Word): string | null => {
      if (speaker === own[by.from - 1]?.speaker && place.from > 0) return (slots[place.from - 1]!.at(-1) ?? fresh[place.from - 1]!).speaker;
      if (speaker === own[by.to]?.speaker && place.to < fresh.length) return (slots[place.to]![0] ?? fresh[place.to]!).speaker;
      return fresh[place.from]?.speaker ?? null;
    };
    const neighbours = { before: fresh[place.from - 1], after: fresh[place.to], durationSeconds: renewed.durationSeconds };
    const timed = timeWords(texts, fresh.slice(place.from, place.to), neighbours);
    const added = timed.map((word, index): Word => ({ ...word, speaker: speakerOf(words[index]!), speakerSource: 'edited' }));
    for (let at = place.from; at < place.to; at++) slots[at] = [];
    slots[place.from] = [...added, ...slots[place.from]!];
  }
  return { transcript: withWords(renewed, slots.flat()), lost };
}

/** Where people changed words: what they replaced, and by what. */
function findHunks(kept: WordMatches, oldWords: number, ownWords: number): { replaced: Stretch; by: Stretch }[] {
  const hunks: { replaced: Stretch; by: Stretch }[] = [];
  let [left, right] = [0, 0];
  for (const [was, is] of [...kept, [oldWords, ownWords] as const]) {
    if (was > left || is > right) hunks.push({ replaced: { from: left, to: was }, by: { from: right, to: is } });
    [left, right] = [was + 1, is + 1];
  }
  return hunks;
}

/** Where that is in the new words: all of the replaced words side by side, or the gap between the same two neighbours. */
function placeOf({ from, to }: Stretch, heardAgain: WordMatches, oldWords: number, newWords: number): Stretch | null {
  if (from < to) {
    const first = heardAgain.get(from);
    if (first === undefined) return null;
    for (let offset = 1; offset < to - from; offset++) if (heardAgain.get(from + offset) !== first + offset) return null;
    return { from: first, to: first + to - from };
  }
  const before = from === 0 ? -1 : heardAgain.get(from - 1);
  const after = from === oldWords ? newWords : heardAgain.get(from);
  return before !== undefined && after === before + 1 ? { from: after, to: after } : null;
}

function withWords(renewed: Transcript, words: readonly Word[]): Transcript {
  const turns = toTurns(words);
  const saying = new Set(turns.flatMap(({ speaker }) => (speaker === null ? [] : [speaker])));
  return {
    ...renewed,
    speakers: [...renewed.speakers, ...[...saying].filter((speaker) => !renewed.speakers.includes(speaker))],
    ...(renewed.roles === undefined ? {} : { roles: assignRoles(turns) }),
    turns,
  };
}
