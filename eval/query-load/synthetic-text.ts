import { readFile } from 'node:fs/promises';
import type { ModelFiles } from '../../inference/models/store.ts';
import { seededRandom } from '../metrics/seeded-random.ts';

/** Function words come first in a list by frequency: a lecture's own terms lie behind them. */
const TOPIC_FROM_RANK = 300;
const TOPIC_WORDS = 150;
/** Share of a lecture's words that are of its topic. */
const TOPIC_SHARE = 0.35;
const ZIPF_EXPONENT = 1.05;

/** Whole words of BERT's vocabulary, which lists them by how common they are: the most common first. */
export async function readCommonWords(model: ModelFiles): Promise<string[]> {
  const { vocab } = (JSON.parse(await readFile(model.path('tokenizer.json'), 'utf8')) as { model: { vocab: Record<string, number> } })
    .model;
  return Object.entries(vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([word]) => word)
    .filter((word) => /^[a-z]{3,}$/.test(word) || ['a', 'of', 'in', 'to', 'is', 'it', 'we'].includes(word));
}

/** Writes text whose words are as common, and lectures as much about one thing each, as in speech; its order means nothing. */
export class SyntheticText {
  readonly #words: readonly string[];
  readonly #cumulative: Float64Array;

  constructor(words: readonly string[]) {
    this.#words = words;
    this.#cumulative = new Float64Array(words.length);
    let sum = 0;
    for (let rank = 0; rank < words.length; rank++) this.#cumulative[rank] = sum += (rank + 1) ** -ZIPF_EXPONENT;
  }

  /** The words that lecture `lecture` is about, the most used first. */
  topicOf(lecture: number): string[] {
    const random = seededRandom(lecture * 7_919 + 1);
    const behind = this.#words.length - TOPIC_FROM_RANK;
    return Array.from({ length: TOPIC_WORDS }, () => this.#words[TOPIC_FROM_RANK + Math.floor(random() * behind)]!);
  }

  /** `count` words of a lecture about `topic`. */
  speak(topic: readonly string[], count: number, random: () => number): string[] {
    return Array.from({ length: count }, () => (random() < TOPIC_SHARE ? pickSkewed(topic, random) : this.#pickCommon(random)));
  }

  /** A question about three things of a topic, as people ask. */
  ask(topic: readonly string[], random: () => number): string {
    const [first, second, third] = [pickSkewed(topic, random), pickSkewed(topic, random), pickSkewed(topic, random)];
    return `What did the lecturer say about ${first} and how does the ${second} change the ${third}?`;
  }

  #pickCommon(random: () => number): string {
    const wanted = random() * this.#cumulative.at(-1)!;
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return this.#words[low]!;
  }
}

function pickSkewed(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() ** 2 * words.length)]!;
}
