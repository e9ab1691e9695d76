import type { Span } from '../../contracts/transcript.ts';
import type { TranscribeOptions } from '../transcriber.ts';
import { spokenSeconds, type AudioWindow } from './window-plan.ts';

/**
 * Tells how much of a piece's speech is done as its windows are, which hold a little less or more of it: a window may begin before the
 * piece, or end after it. Windows that are none of the `planned` ones, or were told before, add nothing.
 */
export function createReport(
  planned: readonly AudioWindow[],
  { speech, piece, onProgress }: Pick<TranscribeOptions, 'speech' | 'piece' | 'onProgress'>,
): (done: readonly AudioWindow[]) => void {
  const left = new Map(planned.map((window) => [window, spokenSeconds(window, speech)]));
  const total = sum([...left.values()]);
  const own = sum(speech.map((span) => secondsWithin(span, piece ?? span)));
  return (done) => {
    for (const window of done) left.delete(window);
    onProgress?.(own * (left.size === 0 ? 1 : 1 - sum([...left.values()]) / total));
  };
}

function secondsWithin(span: Span, piece: Span): number {
  return Math.max(0, Math.min(span.endSeconds, piece.endSeconds) - Math.max(span.startSeconds, piece.startSeconds));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
