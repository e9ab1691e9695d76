/** A line that is read at a glance; two of them fit under a picture (the broadcasters' measure). */
export const MAX_LINE_CHARACTERS = 42;

/** One line, or the most even two with the longer one below; `undefined` when the words need more. */
export function wrapLines(words: readonly string[], joiner: string): string[] | undefined {
  const whole = words.join(joiner);
  if (whole.length <= MAX_LINE_CHARACTERS) return [whole];
  let best: string[] | undefined;
  let bestSpread = Infinity;
  for (let cut = 1; cut < words.length; cut += 1) {
    const lines = [words.slice(0, cut).join(joiner), words.slice(cut).join(joiner)];
    const [upper = '', lower = ''] = lines;
    const spread = Math.abs(upper.length - lower.length) + (upper.length > lower.length ? 1 : 0);
    if (Math.max(upper.length, lower.length) <= MAX_LINE_CHARACTERS && spread < bestSpread) {
      best = lines;
      bestSpread = spread;
    }
  }
  return best;
}
