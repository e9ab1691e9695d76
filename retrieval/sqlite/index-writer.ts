import { LecternError } from '../../contracts/errors.ts';
import type { SparseVector } from '../../contracts/transcript.ts';
import type { CatalogueEntry, IndexedChunk } from '../vector-index.ts';
import { countStems } from '../stem-counts.ts';
import { toChunkRow } from './chunk-row.ts';
import { encodeCodes } from './dense-codes.ts';
import type { IndexDatabase } from './index-database.ts';
import { encodeSegment } from './sparse-segment.ts';
import { toVector } from './vector-blob.ts';
import { admitVectors } from './vector-model.ts';

/** A chunk of a generation that is about to be read. */
interface StagedRow {
  id: number;
  sparse: string;
  dense: Uint8Array;
  /** What is searched: its context before its own words. */
  text: string;
}

/** The writing half of the SQLite index; see `VectorIndex` for what each call promises. */
export class IndexWriter {
  readonly #db: IndexDatabase;
  readonly #vectorModel: string | null;

  constructor(db: IndexDatabase, vectorModel: string | null = null) {
    this.#db = db;
    this.#vectorModel = vectorModel;
  }

  writeChunks(tenantId: string, lecture: CatalogueEntry, generation: string, chunks: readonly IndexedChunk[]): void {
    this.#db.write(() => {
      const tenant = this.#ensureTenant(tenantId);
      if (this.#activeGeneration(tenant, lecture.lectureId) === generation) {
        throw new LecternError('conflict', `generation ${generation} of ${lecture.lectureId} is being read and cannot be written`, {
          cure: 'Write a new generation and activate it.',
        });
      }
      if (chunks.length > 0) admitVectors(this.#db, this.#vectorModel, chunks);
      for (const chunk of chunks) {
        this.#db.run(
          `INSERT OR REPLACE INTO chunks (tenant, lecture, generation, ordinal, speaker, speaker_name, role, start_seconds, end_seconds, text, context, words, dense, sparse)
           VALUES (:tenant, :lecture, :generation, :ordinal, :speaker, :speakerName, :role, :startSeconds, :endSeconds, :text, :context, :words, :dense, :sparse)`,
          { tenant, lecture: lecture.lectureId, generation, ...toChunkRow(chunk) },
        );
      }
    });
  }

  activate(tenantId: string, lecture: CatalogueEntry, generation: string, expectedChunks: number, previous: string | null): void {
    this.#db.write(() => {
      const tenant = this.#ensureTenant(tenantId);
      const key = { tenant, lecture: lecture.lectureId };
      const active = this.#activeGeneration(tenant, lecture.lectureId);
      const held = this.#db.all<{ n: number }>(
        'SELECT count(*) AS n FROM chunks WHERE tenant = :tenant AND lecture = :lecture AND generation = :generation',
        { ...key, generation },
      )[0]!.n;
      if (held !== expectedChunks) {
        throw new LecternError('conflict', `generation ${generation} of ${lecture.lectureId} holds ${held} chunks, not ${expectedChunks}`);
      }
      if (active !== generation) {
        if (active !== previous) {
          throw new LecternError('conflict', `${lecture.lectureId} is at generation ${active ?? 'none'}, not ${previous ?? 'none'}`);
        }
        this.#removeRows(tenant, lecture.lectureId, generation);
        this.#publish(tenant, lecture.lectureId, generation);
      }
      this.#db.run(
        `INSERT OR REPLACE INTO lectures (tenant, lecture, generation, chunks, title, course, semester)
         VALUES (:tenant, :lecture, :generation, :chunks, :title, :course, :semester)`,
        {
          ...key,
          generation,
          chunks: held,
          title: lecture.title ?? null,
          course: lecture.course ?? null,
          semester: lecture.semester ?? null,
        },
      );
      this.#announce(tenant);
    });
  }

  discardGeneration(tenantId: string, lectureId: string, generation: string): void {
    this.#db.write(() => {
      const tenant = this.#tenant(tenantId);
      if (tenant === undefined) return;
      if (this.#activeGeneration(tenant, lectureId) === generation) {
        throw new LecternError('conflict', `generation ${generation} of ${lectureId} is being read and cannot be discarded`);
      }
      this.#db.run('DELETE FROM chunks WHERE tenant = :tenant AND lecture = :lecture AND generation = :generation', {
        tenant,
        lecture: lectureId,
        generation,
      });
    });
  }

  nameSpeaker(tenantId: string, lectureId: string, speaker: string, name: string | null): void {
    this.#db.write(() => {
      const tenant = this.#tenant(tenantId);
      if (tenant === undefined) return;
      const sql = 'UPDATE chunks SET speaker_name = :name WHERE tenant = :tenant AND lecture = :lecture AND speaker = :speaker';
      this.#db.run(sql, { tenant, lecture: lectureId, speaker, name });
      this.#announce(tenant);
    });
  }

  deleteLecture(tenantId: string, lectureId: string): void {
    this.#db.write(() => {
      const tenant = this.#tenant(tenantId);
      if (tenant === undefined) return;
      this.#removeRows(tenant, lectureId, null);
      this.#db.run('DELETE FROM lectures WHERE tenant = :tenant AND lecture = :lecture', { tenant, lecture: lectureId });
      this.#announce(tenant);
    });
  }

  deleteTenant(tenantId: string): void {
    this.#db.write(() => {
      const tenant = this.#tenant(tenantId);
      if (tenant === undefined) return;
      this.#db.run('DELETE FROM vectors WHERE id IN (SELECT id FROM chunks WHERE tenant = :tenant)', { tenant });
      for (const table of ['chunks', 'segments', 'lectures']) this.#db.run(`DELETE FROM ${table} WHERE tenant = :tenant`, { tenant });
      this.#db.run('DELETE FROM tenants WHERE id = :tenant', { tenant });
    });
  }

  /** Puts a generation into the tables that searches read. */
  #publish(tenant: number, lecture: string, generation: string): void {
    const key = { tenant, lecture, generation };
    const where = 'tenant = :tenant AND lecture = :lecture AND generation = :generation';
    const rows = this.#db.all<StagedRow>(
      `SELECT id, sparse, dense, coalesce(context || char(10), '') || text AS text FROM chunks WHERE ${where} ORDER BY ordinal`,
      key,
    );
    this.#db.run(`INSERT INTO vectors (id, vector) SELECT id, dense FROM chunks WHERE ${where}`, key);
    this.#db.run(
      `INSERT OR REPLACE INTO segments (tenant, lecture, generation, sparse, words, codes)
       VALUES (:tenant, :lecture, :generation, :sparse, :words, :codes)`,
      {
        ...key,
        sparse: encodeSegment(rows.map(({ id, sparse }) => ({ id, sparse: JSON.parse(sparse) as SparseVector }))),
        words: encodeSegment(rows.map(({ id, text }) => ({ id, sparse: countStems(text) }))),
        codes: encodeCodes(rows.map(({ dense }) => toVector(dense))),
      },
    );
    this.#db.run(`UPDATE chunks SET dense = NULL, sparse = NULL WHERE ${where}`, key);
  }

  /** Removes every generation of a lecture but `kept`, from all tables that hold chunks. */
  #removeRows(tenant: number, lecture: string, kept: string | null): void {
    const key = { tenant, lecture, kept };
    const where = 'tenant = :tenant AND lecture = :lecture AND generation IS NOT :kept';
    this.#db.run(`DELETE FROM vectors WHERE id IN (SELECT id FROM chunks WHERE ${where})`, key);
    this.#db.run(`DELETE FROM segments WHERE ${where}`, key);
    this.#db.run(`DELETE FROM chunks WHERE ${where}`, key);
  }

  /** Tells readers, of this process and of others, that this tenant's lectures changed. */
  #announce(tenant: number): void {
    this.#db.run("UPDATE meta SET value = value + 1 WHERE key = 'revision'");
    this.#db.run("UPDATE tenants SET revision = (SELECT value FROM meta WHERE key = 'revision') WHERE id = :tenant", { tenant });
  }

  #tenant(tenantId: string): number | undefined {
    return this.#db.all<{ id: number }>('SELECT id FROM tenants WHERE name = :name', { name: tenantId })[0]?.id;
  }

  #ensureTenant(tenantId: string): number {
    const known = this.#tenant(tenantId);
    if (known !== undefined) return known;
    this.#db.run('INSERT INTO tenants (name, revision) VALUES (:name, 0)', { name: tenantId });
    return this.#tenant(tenantId)!;
  }

  #activeGeneration(tenant: number, lecture: string): string | null {
    const sql = 'SELECT generation FROM lectures WHERE tenant = :tenant AND lecture = :lecture';
    return this.#db.all<{ generation: string }>(sql, { tenant, lecture })[0]?.generation ?? null;
  }
}
