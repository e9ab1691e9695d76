/** Keeps the `limit` highest scores of a stream in a binary min-heap; ties keep the lower id. */
export class TopK {
  readonly #limit: number;
  readonly #ids: number[] = [];
  readonly #scores: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether something with this score may be kept: a cheap look before whatever else decides. */
  wants(score: number): boolean {
    return this.#ids.length < this.#limit || score >= this.#scores[0]!;
  }

  offer(id: number, score: number): void {
    if (this.#ids.length < this.#limit) {
      this.#ids.push(id);
      this.#scores.push(score);
      this.#up(this.#ids.length - 1);
    } else if (this.#limit > 0 && beats(score, id, this.#scores[0]!, this.#ids[0]!)) {
      this.#ids[0] = id;
      this.#scores[0] = score;
      this.#down();
    }
  }

  /** Best first. */
  take(): { id: number; score: number }[] {
    const kept = this.#ids.map((id, index) => ({ id, score: this.#scores[index]! }));
    return kept.sort((a, b) => b.score - a.score || a.id - b.id);
  }

  #up(from: number): void {
    for (let child = from; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfWorse(child, parent)) return;
      child = parent;
    }
  }

  #down(): void {
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      if (left >= this.#ids.length) return;
      const right = left + 1;
      const worse = right < this.#ids.length && this.#isWorse(right, left) ? right : left;
      if (!this.#swapIfWorse(worse, parent)) return;
      parent = worse;
    }
  }

  #isWorse(a: number, b: number): boolean {
    return beats(this.#scores[b]!, this.#ids[b]!, this.#scores[a]!, this.#ids[a]!);
  }

  #swapIfWorse(child: number, parent: number): boolean {
    if (!this.#isWorse(child, parent)) return false;
    [this.#ids[child], this.#ids[parent]] = [this.#ids[parent]!, this.#ids[child]!];
    [this.#scores[child], this.#scores[parent]] = [this.#scores[parent]!, this.#scores[child]!];
    return true;
  }
}

function beats(score: number, id: number, otherScore: number, otherId: number): boolean {
  return score > otherScore || (score === otherScore && id < otherId);
}
