import { seededRandom } from '../../metrics/seeded-random.ts';

/** A decoded recording of the data set. */
export interface Source {
  file: string;
  samples: number;
}

/** A stretch of the long recording: a whole speech source, or part of a source (`null`: digital silence) between two of them. */
export interface Part {
  kind: 'speech' | 'gap';
  source: string | null;
  /** First sample of the source. */
  fromSample: number;
  /** Place in the long recording. */
  startSample: number;
  samples: number;
}

const SAMPLE_RATE = 16_000;
const GAP_SECONDS = { least: 1, most: 8 };
/** One gap in this many is a break, as a lecture has: people leave, music plays. */
const BREAK_EVERY = 8;
const BREAK_SECONDS = { least: 20, most: 60 };
/** Share of gaps that are digital silence. */
const SILENCE_SHARE = 0.4;

/**
 * Speech in a shuffled order, each once before any comes again, between gaps of silence, noise and music, until `totalSeconds` are
 * reached; it ends with a gap. The same seed gives the same plan.
 */
export function planRecording(speech: readonly Source[], noise: readonly Source[], totalSeconds: number, seed: number): Part[] {
  const random = seededRandom(seed);
  const parts: Part[] = [];
  const add = (part: Omit<Part, 'startSample'>): void => void parts.push({ ...part, startSample: endOf(parts) });
  add(planGap(noise, 0, random));
  let order: Source[] = [];
  while (endOf(parts) < totalSeconds * SAMPLE_RATE) {
    if (order.length === 0) order = shuffle(speech, random);
    const source = order.pop();
    if (source === undefined) break;
    add({ kind: 'speech', source: source.file, fromSample: 0, samples: source.samples });
    add(planGap(noise, parts.length / 2, random));
  }
  return parts;
}

function endOf(parts: readonly Part[]): number {
  const last = parts.at(-1);
  return last === undefined ? 0 : last.startSample + last.samples;
}

function planGap(noise: readonly Source[], number: number, random: () => number): Omit<Part, 'startSample'> {
  const { least, most } = Math.floor(number) % BREAK_EVERY === BREAK_EVERY - 1 ? BREAK_SECONDS : GAP_SECONDS;
  const wanted = Math.round((least + random() * (most - least)) * SAMPLE_RATE);
  const source = random() < SILENCE_SHARE ? undefined : noise[Math.floor(random() * noise.length)];
  if (source === undefined) return { kind: 'gap', source: null, fromSample: 0, samples: wanted };
  const samples = Math.min(wanted, source.samples);
  return { kind: 'gap', source: source.file, fromSample: Math.floor(random() * (source.samples - samples)), samples };
}

/** Fisher and Yates. */
function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
