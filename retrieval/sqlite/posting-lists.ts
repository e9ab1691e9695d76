import { mergeSegments } from './merge-segments.ts';
import type { SparseSegment } from './sparse-segment.ts';

interface Block {
  segment: SparseSegment;
  /** Chunks of each lecture, in the order they lie in the segment. */
  lectures: Map<string, { from: number; count: number }>;
  /** Chunks that are not gone. */
  live: number;
}

/**
 * Inverted lists of a tenant's lectures, in blocks each at least twice as large as all smaller ones together: a new lecture is cheap
 * to take in and a question has few places to look (the logarithmic method of Bentley and Saxe, 1980).
 */
export class PostingLists {
  #blocks: Block[] = [];

  get segments(): SparseSegment[] {
    return this.#blocks.map(({ segment }) => segment);
  }

  get bytes(): number {
    return this.segments.reduce((sum, { ids, terms, chunks }) => sum + 8 * (ids.length + terms.length + chunks.length), 0);
  }

  add(lecture: string, segment: SparseSegment): void {
    this.remove(lecture);
    const count = segment.ids.length;
    if (count > 0) this.#blocks.push({ segment, lectures: new Map([[lecture, { from: 0, count }]]), live: count });
  }

  /** Its chunks are marked as gone; its postings stay until their block is merged. */
  remove(lecture: string): void {
    const block = this.#blocks.find(({ lectures }) => lectures.has(lecture));
    if (block === undefined) return;
    const { from, count } = block.lectures.get(lecture)!;
    block.segment.ids.fill(-1, from, from + count);
    block.lectures.delete(lecture);
    block.live -= count;
  }

  /** Merges what has come, and drops what has gone where that is half of a block. To be called after changes. */
  settle(): void {
    const ascending = this.#blocks.toSorted((a, b) => a.live - b.live);
    let smaller = 0;
    let crowded = 0;
    for (const [at, { live }] of ascending.entries()) {
      if (live < 2 * smaller) crowded = at + 1;
      smaller += live;
    }
    const merging = ascending.filter((block, at) => at < crowded || isHalfGone(block));
    if (merging.length === 0) return;
    const kept = this.#blocks.filter((block) => !merging.includes(block));
    const merged = merge(merging);
    this.#blocks = merged.live === 0 ? kept : [...kept, merged];
  }
}

function isHalfGone({ live, segment }: Block): boolean {
  return 2 * live <= segment.ids.length;
}

function merge(blocks: readonly Block[]): Block {
  const merged: Block = { segment: mergeSegments(blocks.map(({ segment }) => segment)), lectures: new Map(), live: 0 };
  for (const { lectures } of blocks) {
    for (const [lecture, { count }] of lectures) {
      merged.lectures.set(lecture, { from: merged.live, count });
      merged.live += count;
    }
  }
  return merged;
}
