import type { LectureId } from '../../contracts/identity.ts';
import type { QueryFilters } from '../../contracts/query.ts';
import type { TranscribedWord } from '../../contracts/transcript.ts';
import { parseChunkId, toChunkId } from '../chunk-id.ts';
import { toSearchTerms } from '../terms.ts';
import { TopK } from '../top-k.ts';
import type { CatalogueEntry, LegHit, LegQuery, StoredChunk } from '../vector-index.ts';
import { termsTable } from './chunk-row.ts';
import type { IndexDatabase } from './index-database.ts';
import { toScope, type Scope } from './search-scope.ts';
import { decodeSegment, scoreSegment, type SparseSegment } from './sparse-segment.ts';

interface TenantPostings {
  revision: number;
  lectures: Map<string, { generation: string; segment: SparseSegment }>;
}

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
  start_seconds: number;
  end_seconds: number;
  text: string;
  context: string | null;
  words: string;
}

interface RowHit {
  id: number;
  score: number;
}

/** The reading half of the SQLite index; see `VectorIndex` for what each call promises. */
export class IndexReader {
  readonly #db: IndexDatabase;
  readonly #postings = new Map<number, TenantPostings>();

  constructor(db: IndexDatabase) {
    this.#db = db;
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

  catalogue(tenantId: string): (CatalogueEntry & { generation: string; chunks: number })[] {
    return this.#db
      .all<LectureRow>('SELECT * FROM lectures WHERE tenant = (SELECT id FROM tenants WHERE name = :tenantId) ORDER BY lecture', {
        tenantId,
      })
      .map((row) => ({ ...toCatalogueEntry(row), generation: row.generation, chunks: row.chunks }));
  }

  getChunks(tenantId: string, chunkIds: readonly string[]): StoredChunk[] {
    return this.#db.read(() =>
      chunkIds.flatMap((chunkId) => {
        const parsed = parseChunkId(chunkId);
        if (!parsed) return [];
        const row = this.#db.all<ChunkRow>(
          `SELECT c.*, l.title, l.course, l.semester FROM chunks c JOIN lectures l USING (tenant, lecture, generation)
           WHERE c.tenant = (SELECT id FROM tenants WHERE name = :tenantId)
           AND c.lecture = :lectureId AND c.generation = :generation AND c.ordinal = :ordinal`,
          { tenantId, ...parsed },
        )[0];
        return row ? [toStoredChunk(chunkId, row)] : [];
      }),
    );
  }

  search(tenantId: string, queries: readonly LegQuery[], filters: QueryFilters): LegHit[][] {
    return this.#db.read(() => {
      const row = this.#db.all<{ id: number; revision: number }>('SELECT id, revision FROM tenants WHERE name = :tenantId', {
        tenantId,
      })[0];
      if (!row) return queries.map(() => []);
      const scope = toScope(this.#db, row.id, filters);
      const found = queries.map((query) => this.#searchLeg(scope, row.revision, query));
      const ids = this.#toChunkIds(scope.tenant, found.flat());
      return found.map((hits) =>
        hits
          .flatMap(({ id, score }) => (ids.has(id) ? [{ chunkId: ids.get(id)!, score }] : []))
          .sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1)),
      );
    });
  }

  #searchLeg(scope: Scope, revision: number, query: LegQuery): RowHit[] {
    if (scope.lectures?.size === 0) return [];
    if (query.leg === 'dense' && query.dense) return this.#searchDense(scope, query.dense, query.limit);
    if (query.leg === 'sparse' && query.sparse) {
      const allowed =
        scope.chunkIds && new Set(this.#db.all<{ id: number }>(scope.chunkIds.sql, scope.chunkIds.parameters).map(({ id }) => id));
      const top = new TopK(query.limit);
      for (const [lecture, { segment }] of this.#currentPostings(scope.tenant, revision)) {
        if (scope.lectures === null || scope.lectures.has(lecture)) scoreSegment(segment, query.sparse, allowed, top);
      }
      return top.take();
    }
    if (query.leg === 'bm25' && query.text !== undefined) return this.#searchText(scope, query.text, query.limit);
    return [];
  }

  #searchDense({ tenant, chunkIds }: Scope, dense: Float32Array, limit: number): RowHit[] {
    if (this.#db.all<{ value: number }>("SELECT value FROM meta WHERE key = 'dimensions'")[0]!.value === 0) return [];
    return this.#db.all<RowHit>(
      `SELECT id, 1 - distance AS score FROM vectors WHERE embedding MATCH :dense AND k = :limit AND tenant = :tenant
         ${chunkIds ? `AND id IN (${chunkIds.sql})` : ''}`,
      { ...chunkIds?.parameters, tenant, limit, dense: new Uint8Array(dense.buffer, dense.byteOffset, dense.byteLength) },
    );
  }

  #searchText({ tenant, chunkIds }: Scope, text: string, limit: number): RowHit[] {
    const terms = toSearchTerms(text);
    if (terms.length === 0) return [];
    const table = termsTable(tenant);
    return this.#db.all<RowHit>(
      // FTS5's bm25 is negative, smaller is better. The plus keeps SQLite from asking FTS5 once for every allowed row.
      `SELECT rowid AS id, -rank AS score FROM ${table} WHERE ${table} MATCH :match
         ${chunkIds ? `AND +rowid IN (${chunkIds.sql})` : ''} ORDER BY rank LIMIT :limit`,
      { ...chunkIds?.parameters, match: terms.map((term) => `"${term}"`).join(' OR '), limit },
    );
  }

  /** The tenant's inverted lists, after taking in what any process activated or deleted since the last call. */
  #currentPostings(tenant: number, revision: number): Map<string, { generation: string; segment: SparseSegment }> {
    const known = this.#postings.get(tenant) ?? { revision: -1, lectures: new Map() };
    if (known.revision === revision) return known.lectures;
    const current = this.#db.all<LectureRow>('SELECT lecture, generation FROM lectures WHERE tenant = :tenant', { tenant });
    const names = new Set<string>(current.map(({ lecture }) => lecture));
    for (const lecture of known.lectures.keys()) if (!names.has(lecture)) known.lectures.delete(lecture);
    for (const { lecture, generation } of current) {
      if (known.lectures.get(lecture)?.generation === generation) continue;
      const row = this.#db.all<{ segment: Uint8Array }>('SELECT segment FROM postings WHERE tenant = :tenant AND lecture = :lecture', {
        tenant,
        lecture,
      })[0];
      known.lectures.set(lecture, { generation, segment: decodeSegment(row!.segment) });
    }
    known.revision = revision;
    this.#postings.set(tenant, known);
    return known.lectures;
  }

  #toChunkIds(tenant: number, hits: readonly RowHit[]): Map<number, string> {
    const rows = this.#db.all<ChunkRow & { id: number }>(
      'SELECT id, lecture, generation, ordinal FROM chunks WHERE tenant = :tenant AND id IN (SELECT value FROM json_each(:ids))',
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

function toStoredChunk(chunkId: string, row: ChunkRow): StoredChunk {
  return {
    ...toCatalogueEntry(row),
    chunkId,
    ordinal: row.ordinal,
    speaker: row.speaker,
    ...(row.speaker_name === null ? {} : { speakerName: row.speaker_name }),
    startSeconds: row.start_seconds,
    endSeconds: row.end_seconds,
    text: row.text,
    context: row.context,
    words: JSON.parse(row.words) as TranscribedWord[],
  };
}
