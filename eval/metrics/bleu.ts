const MAX_ORDER = 4;

/** What BLEU counts of a pair; counts of pairs add up. By order: n-grams of 1 to 4 words. */
export interface BleuCounts {
  matches: number[];
  totals: number[];
  hypothesisWords: number;
  referenceWords: number;
}

/** Counts clipped n-gram matches after mteval-v13a's tokenisation, as sacreBLEU does (Papineni et al. 2002; Post 2018). */
export function countBleu(reference: string, hypothesis: string): BleuCounts {
  const [expected, given] = [tokenize13a(reference), tokenize13a(hypothesis)];
  const orders = Array.from({ length: MAX_ORDER }, (_, index) => index + 1);
  return {
    matches: orders.map((order) => {
      const wanted = countNgrams(expected, order);
      return [...countNgrams(given, order)].reduce((sum, [ngram, count]) => sum + Math.min(count, wanted.get(ngram) ?? 0), 0);
    }),
    totals: orders.map((order) => Math.max(0, given.length - order + 1)),
    hypothesisWords: given.length,
    referenceWords: expected.length,
  };
}

/** Corpus BLEU of pooled pairs, 0 to 100, with sacreBLEU's exponential smoothing of orders without a match; `null` for no pair. */
export function corpusBleu(pairs: readonly BleuCounts[]): number | null {
  if (pairs.length === 0) return null;
  const sum = (of: (counts: BleuCounts) => number): number => pairs.reduce((total, counts) => total + of(counts), 0);
  let smoothing = 1;
  let logSum = 0;
  for (let order = 0; order < MAX_ORDER; order++) {
    const matches = sum((counts) => counts.matches[order] ?? 0);
    const total = sum((counts) => counts.totals[order] ?? 0);
    if (total === 0) return 0;
    if (matches === 0) smoothing *= 2;
    logSum += Math.log(matches === 0 ? 1 / (smoothing * total) : matches / total);
  }
  const [given, expected] = [sum(({ hypothesisWords }) => hypothesisWords), sum(({ referenceWords }) => referenceWords)];
  const brevity = given < expected ? Math.exp(1 - expected / given) : 1;
  return 100 * brevity * Math.exp(logSum / MAX_ORDER);
}

/** Punctuation apart from words, but for full stops and commas within numbers. */
function tokenize13a(text: string): string[] {
  return ` ${text} `
    .replaceAll(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replaceAll(/([^0-9])([.,])/g, '$1 $2 ')
    .replaceAll(/([.,])([^0-9])/g, ' $1 $2')
    .replaceAll(/([0-9])(-)/g, '$1 $2 ')
    .split(/\s+/)
    .filter((word) => word !== '');
}

function countNgrams(words: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let from = 0; from + order <= words.length; from++) {
    const ngram = words.slice(from, from + order).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}
