import { decodeCodes } from './dense-codes.ts';
import { DenseRows } from './dense-rows.ts';
import type { IndexDatabase } from './index-database.ts';
import { PostingLists } from './posting-lists.ts';
import { decodeSegment } from './sparse-segment.ts';

/** What searches of one tenant read, in memory: about 3 kB a chunk. */
export interface ResidentTenant {
  sparse: PostingLists;
  words: PostingLists;
  /** Absent while there is no chunk. */
  dense?: DenseRows;
}

interface Held extends ResidentTenant {
  /** Of the tenant, when this was last brought up to date. */
  revision: number;
  /** Generation of each lecture. */
  lectures: Map<string, string>;
}

interface SegmentRow {
  sparse: Uint8Array;
  words: Uint8Array;
  codes: Uint8Array;
}

/** Tenants in memory, within a bound: those that nobody asked for longest leave first. The one asked for always stays. */
export class ResidentTenants {
  readonly #db: IndexDatabase;
  readonly #maxBytes: number;
  /** The one asked for last is last. */
  readonly #tenants = new Map<number, Held>();

  constructor(db: IndexDatabase, maxBytes: number) {
    this.#db = db;
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return [...this.#tenants.values()].reduce((sum, held) => sum + bytesOf(held), 0);
  }

  /** The tenant as of `revision`, after taking in what any process activated or deleted since the last call. */
  get(tenant: number, revision: number): ResidentTenant {
    const held = this.#tenants.get(tenant) ?? { revision: -1, lectures: new Map(), sparse: new PostingLists(), words: new PostingLists() };
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, held);
    if (held.revision === revision) return held;
    this.#refresh(tenant, held);
    held.revision = revision;
    for (const [other] of this.#tenants) {
      if (other === tenant || this.bytes <= this.#maxBytes) break;
      this.#tenants.delete(other);
    }
    return held;
  }

  #refresh(tenant: number, held: Held): void {
    const sql = 'SELECT lecture, generation FROM lectures WHERE tenant = :tenant';
    const current = new Map(
      this.#db.all<{ lecture: string; generation: string }>(sql, { tenant }).map(({ lecture, generation }) => [lecture, generation]),
    );
    for (const [lecture, generation] of held.lectures) if (current.get(lecture) !== generation) forget(held, lecture);
    for (const [lecture, generation] of current) {
      if (held.lectures.has(lecture)) continue;
      this.#load(tenant, lecture, held);
      held.lectures.set(lecture, generation);
    }
    held.sparse.settle();
    held.words.settle();
  }

  #load(tenant: number, lecture: string, held: Held): void {
    const sql = 'SELECT sparse, words, codes FROM segments WHERE tenant = :tenant AND lecture = :lecture';
    const row = this.#db.all<SegmentRow>(sql, { tenant, lecture })[0]!;
    const sparse = decodeSegment(row.sparse);
    if (sparse.ids.length === 0) return;
    const codes = decodeCodes(row.codes);
    held.dense ??= new DenseRows(codes.dimensions);
    held.dense.add(lecture, sparse.ids, codes);
    held.sparse.add(lecture, sparse);
    held.words.add(lecture, decodeSegment(row.words));
  }
}

function forget(held: Held, lecture: string): void {
  held.lectures.delete(lecture);
  held.sparse.remove(lecture);
  held.words.remove(lecture);
  held.dense?.remove(lecture);
}

function bytesOf({ sparse, words, dense }: ResidentTenant): number {
  return sparse.bytes + words.bytes + (dense?.bytes ?? 0);
}
