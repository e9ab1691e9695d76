import { decodeCodes } from './dense-codes.ts';
import { DenseRows } from './dense-rows.ts';
import type { GenerationKey } from './generation-tables.ts';
import type { IndexDatabase } from './index-database.ts';
import { PostingLists } from './posting-lists.ts';
import { seenLectures, type SeenLectures } from './seen-lectures.ts';
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
  readonly #tenants = new Map<number | string, Held>();

  constructor(db: IndexDatabase, maxBytes: number) {
    this.#db = db;
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return [...this.#tenants.values()].reduce((sum, held) => sum + bytesOf(held), 0);
  }

  /** The tenant as of `revision`, after taking in what any process activated or deleted since the last call. */
  get(tenant: number, revision: number): ResidentTenant {
    const held = this.#take(tenant);
    if (held.revision === revision) return held;
    this.#refresh(tenant, held, seenLectures(undefined));
    held.revision = revision;
    this.#makeRoom(tenant);
    return held;
  }

  /** The tenant as a preview shows it: brought up to date at every call, as what is staged has no revision. */
  preview(tenant: number, seen: SeenLectures): ResidentTenant {
    const name = `preview of ${tenant}`;
    const held = this.#take(name);
    this.#refresh(tenant, held, seen);
    this.#makeRoom(name);
    return held;
  }

  /** From now on the one asked for last. */
  #take(name: number | string): Held {
    const held = this.#tenants.get(name) ?? { revision: -1, lectures: new Map(), sparse: new PostingLists(), words: new PostingLists() };
    this.#tenants.delete(name);
    this.#tenants.set(name, held);
    return held;
  }

  #makeRoom(kept: number | string): void {
    for (const [other] of this.#tenants) {
      if (other === kept || this.bytes <= this.#maxBytes) break;
      this.#tenants.delete(other);
    }
  }

  #refresh(tenant: number, held: Held, { table, parameters }: SeenLectures): void {
    const rows = this.#db.all<{ lecture: string; generation: string }>(`SELECT lecture, generation FROM ${table} WHERE tenant = :tenant`, {
      ...parameters,
      tenant,
    });
    const current = new Map(rows.map(({ lecture, generation }) => [lecture, generation]));
    for (const [lecture, generation] of held.lectures) if (current.get(lecture) !== generation) forget(held, lecture);
    for (const [lecture, generation] of current) {
      if (held.lectures.has(lecture)) continue;
      this.#load({ tenant, lecture, generation }, held);
      held.lectures.set(lecture, generation);
    }
    held.sparse.settle();
    held.words.settle();
  }

  #load({ lecture, ...key }: GenerationKey, held: Held): void {
    const sql = 'SELECT sparse, words, codes FROM segments WHERE tenant = :tenant AND lecture = :lecture AND generation = :generation';
    const row = this.#db.all<SegmentRow>(sql, { lecture, ...key })[0]!;
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
