import { munkres } from 'munkres';
import type { Span, SpeakerTurn } from '../../contracts/transcript.ts';

export interface ScoringOptions {
  /** Seconds left out on each side of every edge of a reference turn. Default 0. */
  collarSeconds?: number;
  /** Stretches that were labelled; default: all. */
  scored?: readonly Span[] | undefined;
}

/** Time in which the same people speak, by index. */
export interface Slice {
  seconds: number;
  reference: number[];
  hypothesis: number[];
}

/** The stretches that are scored, and which speaker of the hypothesis is which of the reference, both numbered by first mention. */
export function compareTurns(
  reference: readonly SpeakerTurn[],
  hypothesis: readonly SpeakerTurn[],
  { collarSeconds = 0, scored }: ScoringOptions,
): { slices: Slice[]; mapping: Map<number, number> } {
  const slices = sliceTime(joinOwnTurns(reference), joinOwnTurns(hypothesis), scored, collarSeconds);
  return { slices, mapping: matchSpeakers(slices, countSpeakers(reference), countSpeakers(hypothesis)) };
}

/** Turns of one speaker that overlap or touch as one, so that no collar lies inside speech. Speakers stay in order of mention. */
function joinOwnTurns(turns: readonly SpeakerTurn[]): SpeakerTurn[] {
  return [...Map.groupBy(turns, (turn) => turn.speaker).values()].flatMap((own) => {
    const joined: SpeakerTurn[] = [];
    for (const turn of own.toSorted((a, b) => a.startSeconds - b.startSeconds)) {
      const last = joined.at(-1);
      if (last !== undefined && turn.startSeconds <= last.endSeconds) last.endSeconds = Math.max(last.endSeconds, turn.endSeconds);
      else joined.push({ ...turn });
    }
    return joined;
  });
}

/** Agreed time by speaker pair, to the one-to-one matching with the largest sum; only pairs that agree at all are matched. */
export function matchByAgreement(agreement: readonly (readonly number[])[]): Map<number, number> {
  if (agreement.length === 0 || (agreement[0]?.length ?? 0) === 0) return new Map();
  const pairs = munkres(agreement.map((row) => row.map((value) => -value)));
  return new Map(pairs.filter(([a, b]) => (agreement[a]?.[b] ?? 0) > 0));
}

function matchSpeakers(slices: readonly Slice[], referenceSpeakers: number, hypothesisSpeakers: number): Map<number, number> {
  const agreement = Array.from({ length: referenceSpeakers }, () => Array.from<number>({ length: hypothesisSpeakers }).fill(0));
  for (const { seconds, reference, hypothesis } of slices) {
    for (const a of reference) {
      const row = agreement[a] ?? [];
      for (const b of hypothesis) row[b] = (row[b] ?? 0) + seconds;
    }
  }
  return matchByAgreement(agreement);
}

function sliceTime(
  reference: readonly SpeakerTurn[],
  hypothesis: readonly SpeakerTurn[],
  scored: readonly Span[] | undefined,
  collarSeconds: number,
): Slice[] {
  const left = reference.flatMap(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);
  const collars = collarSeconds === 0 ? [] : left.map((edge) => ({ startSeconds: edge - collarSeconds, endSeconds: edge + collarSeconds }));
  const edges = [...reference, ...hypothesis, ...collars, ...(scored ?? [])].flatMap((span) => [span.startSeconds, span.endSeconds]);
  const times = [...new Set(edges)].sort((a, b) => a - b);
  const referenceAt = activeSpeakers(reference, times);
  const hypothesisAt = activeSpeakers(hypothesis, times);
  const inCollar = covered(collars, times);
  const inScope = scored === undefined ? undefined : covered(scored, times);
  return times.slice(0, -1).flatMap((time, index) => {
    if (inCollar[index] === true || inScope?.[index] === false) return [];
    const slice = {
      seconds: (times[index + 1] ?? time) - time,
      reference: referenceAt[index] ?? [],
      hypothesis: hypothesisAt[index] ?? [],
    };
    return slice.reference.length + slice.hypothesis.length === 0 ? [] : [slice];
  });
}

function countSpeakers(turns: readonly SpeakerTurn[]): number {
  return new Set(turns.map((turn) => turn.speaker)).size;
}

/** Speakers, numbered by first mention, between each time and the next; one who overlaps himself counts once. */
function activeSpeakers(turns: readonly SpeakerTurn[], times: readonly number[]): number[][] {
  const names = [...new Set(turns.map((turn) => turn.speaker))];
  const active: number[][] = times.map(() => []);
  for (const [speaker, name] of names.entries()) {
    const own = covered(
      turns.filter((turn) => turn.speaker === name),
      times,
    );
    for (const [index, is] of own.entries()) if (is) active[index]?.push(speaker);
  }
  return active;
}

/** Whether any span covers the time between each time and the next. */
function covered(spans: readonly Span[], times: readonly number[]): boolean[] {
  const index = new Map(times.map((time, at) => [time, at]));
  const change = times.map(() => 0);
  for (const { startSeconds, endSeconds } of spans) {
    const [start, end] = [index.get(startSeconds) ?? 0, index.get(endSeconds) ?? 0];
    if (end <= start) continue;
    change[start] = (change[start] ?? 0) + 1;
    change[end] = (change[end] ?? 0) - 1;
  }
  let depth = 0;
  return change.map((step) => (depth += step) > 0);
}
