import { splitSentences } from '../../contracts/sentences.ts';
import type { Transcript, Turn } from '../../contracts/transcript.ts';
import { toPieces, type Piece } from './pieces.ts';
import { wrapLines } from './wrap-lines.ts';

/** What is on the screen at a time: one speaker, one or two lines. Integer milliseconds, rounded once, here. */
export interface Cue {
  startMilliseconds: number;
  endMilliseconds: number;
  speaker: string | null;
  lines: string[];
}

export interface CueOptions {
  /** Text put before the first words of a turn, for formats that cannot say who speaks; counts as text. */
  turnPrefix?: (speaker: string) => string;
}

const MAX_SECONDS = 7;
/** A cue stays this long where the next one leaves room. */
const MIN_MILLISECONDS = 1_000;
/** No cue runs over a silence of this length. */
const PAUSE_SECONDS = 1;
/** Pieces looked back at: 84 characters hold no more words of one letter. */
const MAX_PIECES = 42;

/** Captions of a transcript, ascending and without overlap; at most two lines of 42 characters and seven seconds each. */
export function buildCues(transcript: Transcript, options: CueOptions = {}): Cue[] {
  const cues = transcript.turns.flatMap((turn) => cuesOfTurn(turn, transcript.language, options));
  cues.sort((a, b) => a.startMilliseconds - b.startMilliseconds);
  return cues.map((cue, index) => fitTimes(cue, cues[index + 1]?.startMilliseconds ?? Infinity));
}

function cuesOfTurn(turn: Turn, language: string, { turnPrefix }: CueOptions): Cue[] {
  const prefix = turn.speaker === null ? undefined : turnPrefix?.(turn.speaker);
  const { pieces, joiner } = toPieces(turn.words, language, prefix);
  const sentenceEnds = new Set(splitSentences(pieces).map((sentence) => sentence.to));
  return bestCuts(pieces, sentenceEnds, joiner).flatMap(({ from, to, lines }) => {
    const first = pieces[from];
    const last = pieces[to - 1];
    if (first === undefined || last === undefined) return [];
    const startMilliseconds = Math.round(first.startSeconds * 1000);
    const endMilliseconds = Math.round(Math.min(last.endSeconds, first.startSeconds + MAX_SECONDS) * 1000);
    return [{ startMilliseconds, endMilliseconds, speaker: turn.speaker, lines }];
  });
}

interface Cut {
  from: number;
  to: number;
  lines: string[];
  cost: number;
}

/** The cheapest way to cut `pieces` into cues: few, even ones that end where people breathe. Shortest path over the cuts. */
function bestCuts(pieces: readonly Piece[], sentenceEnds: ReadonlySet<number>, joiner: string): Cut[] {
  const best: (Cut | undefined)[] = [{ from: 0, to: 0, lines: [], cost: 0 }];
  for (let to = 1; to <= pieces.length; to += 1) {
    for (let from = to - 1; from >= Math.max(0, to - MAX_PIECES); from -= 1) {
      const lines = linesOf(pieces.slice(from, to), joiner);
      if (lines === undefined) break;
      const cost = (best[from]?.cost ?? Infinity) + cueCost(pieces, from, to, sentenceEnds, lines);
      if (cost < (best[to]?.cost ?? Infinity)) best[to] = { from, to, lines, cost };
    }
  }
  const cuts: Cut[] = [];
  for (let to = pieces.length; to > 0;) {
    const cut = best[to];
    if (cut === undefined) throw new Error('a single piece always makes a cue');
    cuts.unshift(cut);
    to = cut.from;
  }
  return cuts;
}

/** The pieces as lines; `undefined` when they are too long for one cue. A single piece always fits. */
function linesOf(pieces: readonly Piece[], joiner: string): string[] | undefined {
  const first = pieces[0];
  const last = pieces.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (pieces.length > 1 && last.endSeconds - first.startSeconds > MAX_SECONDS) return undefined;
  if (pieces.some((piece, index) => index > 0 && piece.startSeconds - (pieces[index - 1]?.endSeconds ?? 0) >= PAUSE_SECONDS))
    return undefined;
  return wrapLines(
    pieces.map((piece) => piece.text),
    joiner,
  );
}

function cueCost(pieces: readonly Piece[], from: number, to: number, sentenceEnds: ReadonlySet<number>, lines: readonly string[]): number {
  const characters = lines.join(' ').length;
  const thin = 0.6 * (1 - characters / 84) ** 2;
  let sentencesInside = 0;
  for (let at = from + 1; at < to; at += 1) if (sentenceEnds.has(at)) sentencesInside += 1;
  return 1 + thin + 0.3 * sentencesInside + breakCost(pieces, to, sentenceEnds);
}

/** How badly a cue ends before piece `at`. */
function breakCost(pieces: readonly Piece[], at: number, sentenceEnds: ReadonlySet<number>): number {
  const before = pieces[at - 1];
  const after = pieces[at];
  if (before === undefined || after === undefined || sentenceEnds.has(at)) return 0;
  if (after.startSeconds - before.endSeconds >= 0.5) return 0.1;
  return /[,;:–—、，]$/.test(before.text) ? 0.3 : 1;
}

/** Ends no later than the next one starts, and stays long enough to be read where there is room. */
function fitTimes(cue: Cue, nextStart: number): Cue {
  const wanted = Math.max(cue.endMilliseconds, cue.startMilliseconds + MIN_MILLISECONDS);
  return { ...cue, endMilliseconds: Math.max(cue.startMilliseconds + 1, Math.min(wanted, nextStart)) };
}
