import type { Segment } from '../../contracts/transcript.ts';

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
  /** Where the sound leaves it open: the likeliest languages, of which the words decide; else empty. */
  candidates: string[];
  /** What each window is heard in. */
  ofWindows: string[];
}

/** A window is in a language of its own when it sounds so sure, for so long: short ones are taken for Welsh or Latin at 0.9. */
const OWN_PROBABILITY = 0.8;
const OWN_SECONDS = 4;
/** Below this the likeliest language may well be wrong: short clips and accents are taken for Latin, Arabic or Hungarian. */
const SURE_PROBABILITY = 0.7;
/** Of speech; a single word is a word in many languages: yeah, ja, 哎. */
const WORDS_SECONDS = 4;
const MAX_CANDIDATES = 3;
/** Mean log-probability of a token below which a hearing is doubted. */
const UNSURE = -1;

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
    candidates: total < WORDS_SECONDS || named !== -1 || means[main]! >= SURE_PROBABILITY ? [] : likeliest(known, means),
    ofWindows: evidence.map(({ probabilities, seconds }) => {
      const own = indexOfHighest(probabilities);
      return known[probabilities[own]! >= OWN_PROBABILITY && seconds >= OWN_SECONDS ? own : main]!;
    }),
  };
}

function likeliest(known: readonly string[], means: readonly number[]): string[] {
  const ranked = [...known.keys()].toSorted((a, b) => means[b]! - means[a]!);
  return ranked.slice(0, MAX_CANDIDATES).map((index) => known[index]!);
}

/**
 * How sure a hearing is of its words: the mean log-probability of its segments, each weighed by its words; none is least. Words that
 * took a fallback are unsure whatever their probability: in a wrong language Whisper repeats itself, more surely each time.
 */
export function wordsSureness(segments: readonly Segment[]): number {
  const words = segments.reduce((sum, segment) => sum + segment.words.length, 0);
  const total = segments.reduce((sum, segment) => sum + segment.words.length * surenessOf(segment), 0);
  return words === 0 ? Number.NEGATIVE_INFINITY : total / words;
}

function surenessOf({ temperature, averageLogProbability }: Segment): number {
  return temperature > 0 ? Math.min(UNSURE, averageLogProbability) : averageLogProbability;
}

function indexOfHighest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  return best;
}
