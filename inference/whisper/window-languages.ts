/** What one window sounds like. */
export interface LanguageEvidence {
  /** Of each language that the model knows, in their order. */
  probabilities: Float64Array;
  /** Of speech in the window. */
  seconds: number;
}

export interface WindowLanguages {
  /** What the recording as a whole is in. */
  language: string;
  probability: number;
  /** What each window is heard in. */
  ofWindows: string[];
}

/** A window is in a language of its own when it sounds so sure, for so long: short ones are taken for Welsh or Latin at 0.9. */
const OWN_PROBABILITY = 0.8;
const OWN_SECONDS = 4;

/**
 * The language of a recording from its windows, each weighed by its length, and that of each window: its own where it is surely in
 * another, else the recording's. `expected` is the recording's where that is known. `known`: codes, at least one.
 */
export function decideLanguages(evidence: readonly LanguageEvidence[], known: readonly string[], expected: string | null): WindowLanguages {
  const total = evidence.reduce((sum, { seconds }) => sum + seconds, 0);
  const means = known.map((_, index) =>
    total === 0 ? 0 : evidence.reduce((sum, { probabilities, seconds }) => sum + probabilities[index]! * seconds, 0) / total,
  );
  const named = expected === null ? -1 : known.indexOf(expected);
  const main = named === -1 ? indexOfHighest(means) : named;
  return {
    language: known[main]!,
    probability: Math.min(1, means[main]!),
    ofWindows: evidence.map(({ probabilities, seconds }) => {
      const own = indexOfHighest(probabilities);
      return known[probabilities[own]! >= OWN_PROBABILITY && seconds >= OWN_SECONDS ? own : main]!;
    }),
  };
}

function indexOfHighest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  return best;
}
