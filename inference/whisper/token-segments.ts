import { SECONDS_PER_TIMESTAMP, type SpecialTokens } from './tokenizer.ts';

/** Plain tokens between two times of a window, in seconds of the window. */
export interface TokenSegment {
  startSeconds: number;
  endSeconds: number;
  tokens: number[];
}

/** Cuts what was decoded for a window at its time tokens; text after the last time lasts to the end of the window. */
export function toTokenSegments(tokens: readonly number[], special: SpecialTokens, durationSeconds: number): TokenSegment[] {
  const segments: TokenSegment[] = [];
  let startSeconds = 0;
  let plain: number[] = [];
  const close = (endSeconds: number): void => {
    if (plain.length > 0) segments.push({ startSeconds, endSeconds: Math.max(startSeconds, endSeconds), tokens: plain });
    plain = [];
  };
  for (const token of tokens) {
    if (token < special.endOfText) {
      plain.push(token);
    } else if (token >= special.timestampBegin) {
      const seconds = Math.min(durationSeconds, (token - special.timestampBegin) * SECONDS_PER_TIMESTAMP);
      close(seconds);
      startSeconds = seconds;
    }
  }
  close(durationSeconds);
  return segments;
}
