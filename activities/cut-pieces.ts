import type { Span } from '../contracts/transcript.ts';

/** A cut goes into the longest pause within this part of a piece around an even share, if there is one; else through speech. */
const REACH = 0.2;
/** Of pauses this long (beyond the silence that spans keep around speech) the nearest is as good as any. */
const LONG_PAUSE_SECONDS = 2;

/**
 * Even stretches of about `pieceSeconds` of speech, cut in pauses: the unit of fan-out. Fairness between tenants counts pieces, not
 * seconds, so pieces hold equal shares of speech. They cover all speech, do not overlap, and begin and end with speech.
 *
 * `speech`: ascending, not overlapping.
 */
export function cutPieces(speech: readonly Span[], pieceSeconds: number): Span[] {
  const first = speech[0];
  const last = speech.at(-1);
  if (first === undefined || last === undefined) return [];
  const total = speech.reduce((sum, span) => sum + lengthOf(span), 0);
  const count = Math.max(1, Math.round(total / pieceSeconds));
  const share = total / count;

  const pieces: Span[] = [];
  let startSeconds = first.startSeconds;
  for (let cut = 1; cut < count; cut += 1) {
    const { endsAt, resumesAt } = chooseCut(speech, cut * share, share * REACH);
    if (endsAt <= startSeconds) continue;
    pieces.push({ startSeconds, endSeconds: endsAt });
    startSeconds = resumesAt;
  }
  pieces.push({ startSeconds, endSeconds: last.endSeconds });
  return pieces;
}

/** The parts of `speech` that lie in `piece`. */
export function clipSpans(speech: readonly Span[], piece: Span): Span[] {
  return speech
    .map((span) => ({
      startSeconds: Math.max(span.startSeconds, piece.startSeconds),
      endSeconds: Math.min(span.endSeconds, piece.endSeconds),
    }))
    .filter((span) => span.endSeconds > span.startSeconds);
}

/** Where to cut after about `spoken` seconds of speech. */
function chooseCut(speech: readonly Span[], spoken: number, reach: number): { endsAt: number; resumesAt: number } {
  let before = 0;
  let best: { endsAt: number; resumesAt: number; pause: number; distance: number } | undefined;
  let within: { endsAt: number; resumesAt: number } | undefined;
  for (const [index, span] of speech.entries()) {
    const after = before + lengthOf(span);
    const next = speech[index + 1];
    const distance = Math.abs(after - spoken);
    if (next !== undefined && distance <= reach) {
      const pause = roundToHundredths(Math.min(LONG_PAUSE_SECONDS, next.startSeconds - span.endSeconds));
      const isBetter = best === undefined || pause > best.pause || (pause === best.pause && distance < best.distance);
      if (isBetter) best = { endsAt: span.endSeconds, resumesAt: next.startSeconds, pause, distance };
    }
    if (within === undefined && after >= spoken) {
      const at = span.startSeconds + (spoken - before);
      within = { endsAt: at, resumesAt: at };
    }
    before = after;
  }
  const end = speech.at(-1)?.endSeconds ?? 0;
  return best ?? within ?? { endsAt: end, resumesAt: end };
}

/** Spans that touch do so but for the dust of binary fractions. */
function roundToHundredths(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}

function lengthOf(span: Span): number {
  return span.endSeconds - span.startSeconds;
}
