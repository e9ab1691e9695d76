import { joinWords } from '../contracts/join-words.ts';
import type { RevisionChange, RevisionSummary } from '../contracts/edits.ts';
import type { Word } from '../contracts/transcript.ts';
import type { EditedLecture } from './edit-apply.ts';
import { flatten, HEARD_AGAIN_SECONDS, matchWords } from './match-words.ts';

export interface LectureDiff {
  summary: RevisionSummary;
  /** In the order of the recording; names last. */
  changes: RevisionChange[];
}

/** What `after` says otherwise than `before`: words gone and come, words that are another speaker's, names. */
export function diffRevisions(before: EditedLecture, after: EditedLecture): LectureDiff {
  const words = diffWords(flatten(before.transcript).words, flatten(after.transcript).words);
  const names = diffNames(before.speakerNames, after.speakerNames);
  return {
    summary: { ...words.counts, turns: after.transcript.turns.length - before.transcript.turns.length, speakersRenamed: names.length },
    changes: [...words.changes, ...names],
  };
}

type Counts = Pick<RevisionSummary, 'wordsAdded' | 'wordsRemoved' | 'wordsReassigned'>;

function diffWords(before: readonly Word[], after: readonly Word[]): { counts: Counts; changes: RevisionChange[] } {
  const matches = matchWords(before, after, HEARD_AGAIN_SECONDS);
  const counts: Counts = { wordsAdded: 0, wordsRemoved: 0, wordsReassigned: 0 };
  const changes: RevisionChange[] = [];
  const tellWords = (removed: readonly Word[], added: readonly Word[]): void => {
    const first = removed[0] ?? added[0];
    if (first === undefined) return;
    counts.wordsRemoved += removed.length;
    counts.wordsAdded += added.length;
    changes.push({
      kind: 'words',
      startSeconds: first.startSeconds,
      speaker: first.speaker,
      removed: textOf(removed),
      added: textOf(added),
    });
  };
  const tellSpeaker = (was: Word, is: Word, isNext: boolean): void => {
    if (was.speaker === is.speaker) return;
    counts.wordsReassigned += 1;
    const last = changes.at(-1);
    if (isNext && last?.kind === 'speaker' && last.before === was.speaker && last.after === is.speaker) last.words += 1;
    else changes.push({ kind: 'speaker', startSeconds: is.startSeconds, words: 1, before: was.speaker, after: is.speaker });
  };
  let [left, right] = [0, 0];
  for (const [was, is] of [...matches, [before.length, after.length] as const]) {
    tellWords(before.slice(left, was), after.slice(right, is));
    if (was < before.length) tellSpeaker(before[was]!, after[is]!, was === left && is === right);
    [left, right] = [was + 1, is + 1];
  }
  return { counts, changes };
}

function diffNames(before: EditedLecture['speakerNames'], after: EditedLecture['speakerNames']): RevisionChange[] {
  const labels = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return labels.flatMap((speaker): RevisionChange[] => {
    const [was, is] = [before[speaker] ?? null, after[speaker] ?? null];
    return was === is ? [] : [{ kind: 'name', speaker, before: was, after: is }];
  });
}

function textOf(words: readonly Word[]): string {
  return joinWords(words.map(({ text }) => text));
}
