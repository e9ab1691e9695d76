import type { Span } from '../../../contracts/transcript.ts';
import { alignSequences } from '../../metrics/sequence-alignment.ts';
import { toScoredWords } from '../../metrics/word-error-rate.ts';
import type { TimedText } from '../against/speech-job.ts';

/** How the words of one run differ from those of another. */
export interface WordDifferences {
  words: number;
  lost: number;
  added: number;
  changed: number;
  /** Of those lost, how many within 5 s of a cut. */
  lostNearCuts: number;
  /** Where, to listen there: seconds of each lost word. */
  lostAtSeconds: number[];
}

const NEAR_SECONDS = 5;

/** Words of `found` against those of `expected`, normalised; `cuts` are times on the clock of `expected`. */
export function compareWords(
  expected: readonly TimedText[],
  found: readonly TimedText[],
  language: string,
  cuts: readonly number[],
): WordDifferences {
  const tokens = (words: readonly TimedText[]): { text: string; at: number }[] =>
    words.flatMap((word) => toScoredWords(word.text, language).map((text) => ({ text, at: word.startSeconds })));
  const [said, heard] = [tokens(expected), tokens(found)];
  const differences: WordDifferences = { words: said.length, lost: 0, added: 0, changed: 0, lostNearCuts: 0, lostAtSeconds: [] };
  const pairs = alignSequences(
    said.map(({ text }) => text),
    heard.map(({ text }) => text),
  );
  for (const { reference, hypothesis } of pairs) {
    const [one, other] = [said[reference ?? -1], heard[hypothesis ?? -1]];
    if (one === undefined) differences.added++;
    else if (other === undefined) {
      differences.lost++;
      differences.lostAtSeconds.push(one.at);
      if (cuts.some((cut) => Math.abs(cut - one.at) <= NEAR_SECONDS)) differences.lostNearCuts++;
    } else if (one.text !== other.text) differences.changed++;
  }
  return differences;
}

export function addDifferences(all: readonly WordDifferences[]): WordDifferences {
  const sum = (of: (one: WordDifferences) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    words: sum(({ words }) => words),
    lost: sum(({ lost }) => lost),
    added: sum(({ added }) => added),
    changed: sum(({ changed }) => changed),
    lostNearCuts: sum(({ lostNearCuts }) => lostNearCuts),
    lostAtSeconds: all.flatMap(({ lostAtSeconds }) => lostAtSeconds),
  };
}

/**
 * The same pieces cut elsewhere: each cut goes to the pause of `speech` that is nearest to `bySeconds` later, the one it is in aside,
 * and stays where there is none before the next cut. Pieces and speech ascend.
 */
export function moveCuts(pieces: readonly Span[], speech: readonly Span[], bySeconds: number): Span[] {
  const moved = pieces.map((piece) => ({ ...piece }));
  for (let index = 0; index + 1 < moved.length; index++) {
    const [before, after, end] = [moved[index]!, moved[index + 1]!, pieces[index + 1]!.endSeconds];
    const pause = nearestPause(speech, before.endSeconds, end, before.endSeconds + bySeconds);
    if (pause === undefined) continue;
    before.endSeconds = pause.startSeconds;
    after.startSeconds = pause.endSeconds;
  }
  return moved;
}

function nearestPause(speech: readonly Span[], after: number, before: number, wanted: number): Span | undefined {
  const pauses = speech.slice(1).map((next, index): Span => ({ startSeconds: speech[index]!.endSeconds, endSeconds: next.startSeconds }));
  const [nearest] = pauses
    .filter(({ startSeconds, endSeconds }) => startSeconds > after && endSeconds < before)
    .toSorted((a, b) => Math.abs(a.startSeconds - wanted) - Math.abs(b.startSeconds - wanted));
  return nearest;
}
