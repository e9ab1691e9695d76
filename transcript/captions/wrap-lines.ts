/** A line that is read at a glance; two of them fit under a picture (the broadcasters' measure). */
export const MAX_LINE_CHARACTERS = 42;

/**
 * One line, or the most even two with the longer one below; `undefined` when the words need more. Lengths are counted
 * first and strings made last: three hours of captions try this half a million times.
 */
export function wrapLines(words: readonly string[], joiner: string): string[] | undefined {
  const whole = words.reduce((length, word) => length + word.length, joiner.length * (words.length - 1));
  if (whole <= MAX_LINE_CHARACTERS) return [words.join(joiner)];
  if (whole > 2 * MAX_LINE_CHARACTERS + joiner.length) return undefined;
  let best = 0;
  let bestSpread = Infinity;
  let upper = -joiner.length;
  for (let cut = 1; cut < words.length; cut += 1) {
    upper += joiner.length + (words[cut - 1]?.length ?? 0);
    const lower = whole - upper - joiner.length;
    const spread = Math.abs(upper - lower) + (upper > lower ? 1 : 0);
    if (Math.max(upper, lower) <= MAX_LINE_CHARACTERS && spread < bestSpread) {
      best = cut;
      bestSpread = spread;
    }
  }
  return best === 0 ? undefined : [words.slice(0, best).join(joiner), words.slice(best).join(joiner)];
}
