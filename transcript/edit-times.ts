import type { Span, TranscribedWord } from '../contracts/transcript.ts';

/** Nobody takes longer to say a word that was put in, however long the pause around it. */
const MAX_NEW_WORD_SECONDS = 0.6;

/**
 * Words of `texts` in place of `replaced`, between `before` and `after` (absent at the ends of the recording). As many words as
 * before keep the times one for one; others share the time of those they replace by their length; words put in share the gap.
 * Starts stay in order and between those of the neighbours.
 */
export function timeWords(
  texts: readonly string[],
  replaced: readonly TranscribedWord[],
  { before, after, durationSeconds }: { before?: Span | undefined; after?: Span | undefined; durationSeconds: number },
): TranscribedWord[] {
  if (texts.length === replaced.length) {
    return texts.map((text, index) => {
      const { startSeconds, endSeconds } = replaced[index]!;
      return { text, startSeconds, endSeconds, confidence: 1 };
    });
  }
  return shareOut(texts, replaced.length > 0 ? spanOf(replaced, after) : gapFor(texts.length, before, after, durationSeconds));
}

/** Not beyond the start of the next word, though words may overlap: starts must stay in order. */
function spanOf(words: readonly TranscribedWord[], after: Span | undefined): Span {
  const startSeconds = words[0]!.startSeconds;
  const endSeconds = Math.min(words.at(-1)!.endSeconds, after?.startSeconds ?? Infinity);
  return { startSeconds, endSeconds: Math.max(startSeconds, endSeconds) };
}

/** The pause between the neighbours, or the part of it that the words can take; without length where they leave none. */
function gapFor(words: number, before: Span | undefined, after: Span | undefined, durationSeconds: number): Span {
  const wanted = words * MAX_NEW_WORD_SECONDS;
  const latest = after?.startSeconds ?? Math.max(durationSeconds, before?.endSeconds ?? 0);
  if (before === undefined) return { startSeconds: Math.max(0, latest - wanted), endSeconds: latest };
  const startSeconds = Math.min(Math.max(before.endSeconds, before.startSeconds), latest);
  return { startSeconds, endSeconds: Math.min(latest, startSeconds + wanted) };
}

function shareOut(texts: readonly string[], { startSeconds, endSeconds }: Span): TranscribedWord[] {
  const letters = texts.reduce((sum, text) => sum + text.length, 0);
  const at = (count: number): number => Math.min(endSeconds, startSeconds + ((endSeconds - startSeconds) * count) / letters);
  let told = 0;
  return texts.map((text) => {
    const from = at(told);
    told += text.length;
    return { text, startSeconds: from, endSeconds: at(told), confidence: 1 };
  });
}
