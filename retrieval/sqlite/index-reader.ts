import type { LectureId } from '../../contracts/identity.ts';
import type { QueryFilters } from '../../contracts/query.ts';
import type { SpeakerRole } from '../../contracts/transcript.ts';
import { parseChunkId, toChunkId } from '../chunk-id.ts';
import { dot } from '../dot.ts';
import { toSearchStems } from '../language/stems.ts';
import { hashTerm } from '../term-hash.ts';
import { TopK } from '../top-k.ts';
import type { CatalogueEntry, LegHit, LegQuery, Preview, StoredChunk } from '../vector-index.ts';
import type { DenseRows } from './dense-rows.ts';
import type { IndexDatabase } from './index-database.ts';
import { ResidentTenants, type ResidentTenant } from './resident-tenants.ts';
import { scoreWords } from './score-words.ts';
import { narrowToPhrases, toScope, type Scope } from './search-scope.ts';
import { seenLectures } from './seen-lectures.ts';
import { scoreSegment } from './sparse-segment.ts';
import { toVector } from './vector-blob.ts';
import { requireVectorsOf } from './vector-model.ts';

/** Memory that lists of all tenants may take: about 200,000 chunks. */
const RESIDENT_BYTES = 768 * 2 ** 20;

/** Int8 codes order almost as vectors do: this many times the candidates are looked at again, exactly. */
const OVERSAMPLING = 4;

interface LectureRow {
  lecture: LectureId;
  generation: string;
  chunks: number;
  title: string | null;
  course: string | null;
  semester: string | null;
}

interface ChunkRow extends LectureRow {
  ordinal: number;
  speaker: string | null;
  speaker_name: string | null;
  role: SpeakerRole | null;
  start_seconds: number;
  end_seconds: number;
  text: string;
  context: string | null;
  words: string;
}

/** A chunk on its way out of the thread: its words stay JSON, which crosses in a third of the time that a hundred objects take. */
export interface ReadChunk extends Omit<StoredChunk, 'words'> {
  words: string;
}

interface RowHit {
  id: number;
  score: number;
}

/** The reading half of the SQLite index; see `VectorIndex` for what each call promises. */
export class IndexReader {
  readonly #db: IndexDatabase;
  readonly #vectorModel: string | null;
  readonly #residents: ResidentTenants;

  constructor(db: IndexDatabase, vectorModel: string | null = null) {
    this.#db = db;
    this.#vectorModel = vectorModel;
    this.#residents = new ResidentTenants(db, RESIDENT_BYTES);
  }

  /** Takes tenants into memory, those with the most chunks last, so that a bound that is too small for all keeps them. */
  warm(): void {
    this.#db.read(() => {
      const sql = `SELECT id, revision FROM tenants ORDER BY (SELECT sum(chunks) FROM lectures WHERE tenant = tenants.id)`;
      for (const { id, revision } of this.#db.all<{ id: number; revision: number }>(sql)) this.#residents.get(id, revision);
    });
  }

  countChunks(tenantId: string, lectureId: string, generation: string): number {
    const row = this.#db.all<{ n: number }>(
      `SELECT count(*) AS n FROM chunks WHERE tenant = (SELECT id FROM tenants WHERE name = :tenantId)
       AND lecture = :lectureId AND generation = :generation`,
      { tenantId, lectureId, generation },
    )[0];
    return row!.n;
  }

  activeGeneration(tenantId: string, lectureId: string): string | null {
    const row = this.#db.all<{ generation: string }>(
      'SELECT generation FROM lectures WHERE tenant = (SELECT id FROM tenants WHERE name = :tenantId) AND lecture = :lectureId',
      { tenantId, lectureId },
    )[0];
    return row?.generation ?? null;
  }

  revision(tenantId: string): string | null {
    const row = this.#db.all<{ id: number; revision: number }>('SELECT id, revision FROM tenants WHERE name = :tenantId', { tenantId })[0];
    // A name that was deleted and came back is another tenant.
    return row ? `${row.id}.${row.revision}` : null;
  }

  catalogue(tenantId: string): (CatalogueEntry & { generation: string; chunks: number })[] {
    return this.#db
      .all<LectureRow>('SELECT * FROM lectures WHERE tenant = (SELECT id FROM tenants WHERE name = :tenantId) ORDER BY lecture', {
        tenantId,
      })
      .map((row) => ({ ...toCatalogueEntry(row), generation: row.generation, chunks: row.chunks }));
  }

  getChunks(tenantId: string, chunkIds: readonly string[], preview?: Preview): ReadChunk[] {
    const { table, parameters } = seenLectures(preview);
    return this.#db.read(() =>
      chunkIds.flatMap((chunkId) => {
        const parsed = parseChunkId(chunkId);
        if (!parsed) return [];
        const row = this.#db.all<ChunkRow>(
          `SELECT c.*, l.title, l.course, l.semester FROM chunks c JOIN ${table} l USING (tenant, lecture, generation)
           WHERE c.tenant = (SELECT id FROM tenants WHERE name = :tenantId)
           AND c.lecture = :lectureId AND c.generation = :generation AND c.ordinal = :ordinal`,
          { tenantId, ...parsed, ...parameters },
        )[0];
        return row ? [toReadChunk(chunkId, row)] : [];
      }),
    );
  }

  search(tenantId: string, queries: readonly LegQuery[], filters: QueryFilters, preview?: Preview): LegHit[][] {
    return this.#db.read(() => {
      requireVectorsOf(this.#db, this.#vectorModel);
      const row = this.#db.all<{ id: number; revision: number }>('SELECT id, revision FROM tenants WHERE name = :tenantId', {
        tenantId,
      })[0];
      if (!row) return queries.map(() => []);
      const seen = seenLectures(preview);
      const resident = preview === undefined ? this.#residents.get(row.id, row.revision) : this.#residents.preview(row.id, seen);
      const scope = narrowToPhrases(this.#db, resident.words, filters.phrases ?? [], toScope(this.#db, row.id, filters, seen));
      const found = queries.map((query) => (scope?.size === 0 ? [] : this.#searchLeg(resident, scope, query)));
      const ids = this.#toChunkIds(row.id, found.flat());
      return found.map((hits) =>
        hits
          .flatMap(({ id, score }) => (ids.has(id) ? [{ chunkId: ids.get(id)!, score }] : []))
          .sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1)),
      );
    });
  }

  #searchLeg({ dense, sparse, words }: ResidentTenant, scope: Scope, query: LegQuery): RowHit[] {
    if (query.leg === 'dense') return dense && query.dense ? this.#searchDense(dense, scope, query.dense, query.limit) : [];
    const top = new TopK(query.limit);
    if (query.leg === 'sparse' && query.sparse) {
      for (const segment of sparse.segments) scoreSegment(segment, query.sparse, scope, top);
    }
    if (query.leg === 'bm25' && query.text !== undefined) {
      scoreWords(words, toSearchStems(query.text).map(hashTerm), scope, top);
    }
    return top.take();
  }

  /** Inner products: cosines, as all vectors have unit length. */
  #searchDense(rows: DenseRows, scope: Scope, dense: Float32Array, limit: number): RowHit[] {
    const top = new TopK(limit);
    for (const { id } of rows.nearest(dense, limit * OVERSAMPLING, scope)) {
      const [row] = this.#db.all<{ vector: Uint8Array }>('SELECT vector FROM vectors WHERE id = :id', { id });
      if (row) top.offer(id, dot(toVector(row.vector), dense));
    }
    return top.take();
  }

  #toChunkIds(tenant: number, hits: readonly RowHit[]): Map<number, string> {
    const rows = this.#db.all<ChunkRow & { id: number }>(
      // The plus keeps SQLite from going through all of the tenant's chunks for these few.
      'SELECT id, lecture, generation, ordinal FROM chunks WHERE +tenant = :tenant AND id IN (SELECT value FROM json_each(:ids))',
      { tenant, ids: JSON.stringify([...new Set(hits.map(({ id }) => id))]) },
    );
    return new Map(rows.map(({ id, lecture, generation, ordinal }) => [id, toChunkId(lecture, generation, ordinal)]));
  }
}

function toCatalogueEntry({ lecture, title, course, semester }: LectureRow): CatalogueEntry {
  return {
    lectureId: lecture,
    ...(title === null ? {} : { title }),
    ...(course === null ? {} : { course }),
    ...(semester === null ? {} : { semester }),
  };
}

function toReadChunk(chunkId: string, row: ChunkRow): ReadChunk {
  return {
    ...toCatalogueEntry(row),
    chunkId,
    ordinal: row.ordinal,
    speaker: row.speaker,
    ...(row.speaker_name === null ? {} : { speakerName: row.speaker_name }),
    ...(row.role === null ? {} : { role: row.role }),
    startSeconds: row.start_seconds,
    endSeconds: row.end_seconds,
    text: row.text,
    context: row.context,
    words: row.words,
  };
}
