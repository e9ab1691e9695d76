import { LecternError } from '../../contracts/errors.ts';
import type { CatalogueEntry, GenerationMove, IndexedChunk } from '../vector-index.ts';
import { toChunkRow } from './chunk-row.ts';
import { countRows, isStaged, removeGeneration, removeOthers, requireChunks, stageGeneration } from './generation-tables.ts';
import type { IndexDatabase } from './index-database.ts';
import { admitVectors } from './vector-model.ts';

interface ActiveRow {
  generation: string;
  former: string | null;
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
      const key = { tenant, lecture: lecture.lectureId, generation };
      // One that a move left behind, or that was staged and given up: what it had in the other tables belongs to rows that go now.
      if (isStaged(this.#db, key)) removeGeneration(this.#db, key);
      if (chunks.length > 0) admitVectors(this.#db, this.#vectorModel, chunks);
      for (const chunk of chunks) {
        this.#db.run(
          `INSERT OR REPLACE INTO chunks (tenant, lecture, generation, ordinal, speaker, speaker_name, role, start_seconds, end_seconds, text, context, words, dense, sparse)
           VALUES (:tenant, :lecture, :generation, :ordinal, :speaker, :speakerName, :role, :startSeconds, :endSeconds, :text, :context, :words, :dense, :sparse)`,
          { ...key, ...toChunkRow(chunk) },
        );
      }
    });
  }

  activate(tenantId: string, lecture: CatalogueEntry, generation: string, expectedChunks: number, previous: string | null): void {
    this.#db.write(() => {
      const tenant = this.#ensureTenant(tenantId);
      const key = { tenant, lecture: lecture.lectureId, generation };
      requireChunks(this.#db, key, expectedChunks);
      const active = this.#active(tenant, lecture.lectureId);
      if (active?.generation !== generation) {
        requireAt(active, lecture.lectureId, previous);
        removeOthers(this.#db, { tenant, lecture: lecture.lectureId, kept: generation });
        stageGeneration(this.#db, key);
      }
      this.#db.run(
        `INSERT OR REPLACE INTO lectures (tenant, lecture, generation, chunks, title, course, semester, former)
         VALUES (:tenant, :lecture, :generation, :chunks, :title, :course, :semester, :former)`,
        {
          ...key,
          chunks: expectedChunks,
          title: lecture.title ?? null,
          course: lecture.course ?? null,
          semester: lecture.semester ?? null,
          former: active?.generation === generation ? active.former : null,
        },
      );
      this.#announce(tenant);
    });
  }

  stage(tenantId: string, lectureId: string, generation: string, expectedChunks: number): void {
    this.#db.write(() => {
      const key = { tenant: this.#ensureTenant(tenantId), lecture: lectureId, generation };
      requireChunks(this.#db, key, expectedChunks);
      stageGeneration(this.#db, key);
    });
  }

  /** Pointers only: what they come to point at lies ready, so that other writers wait for milliseconds. */
  moveTogether(tenantId: string, moves: readonly GenerationMove[]): string[] {
    return this.#db.write(() => {
      const tenant = this.#tenant(tenantId);
      if (tenant === undefined) return [];
      const moved = moves.filter(({ lectureId, from, to }) => {
        const active = this.#activeGeneration(tenant, lectureId);
        if (active === to) return true;
        const key = { tenant, lecture: lectureId, generation: to };
        if (active !== from || !isStaged(this.#db, key)) return false;
        this.#db.run(
          'UPDATE lectures SET generation = :generation, chunks = :chunks, former = :from WHERE tenant = :tenant AND lecture = :lecture',
          { ...key, chunks: countRows(this.#db, key), from },
        );
        return true;
      });
      this.#announce(tenant);
      return moved.map(({ lectureId }) => lectureId);
    });
  }

  discardGeneration(tenantId: string, lectureId: string, generation: string): void {
    this.#db.write(() => {
      const tenant = this.#tenant(tenantId);
      if (tenant === undefined) return;
      if (this.#activeGeneration(tenant, lectureId) === generation) {
        throw new LecternError('conflict', `generation ${generation} of ${lectureId} is being read and cannot be discarded`);
      }
      removeGeneration(this.#db, { tenant, lecture: lectureId, generation });
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
      removeOthers(this.#db, { tenant, lecture: lectureId, kept: null });
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
    // A tenant that goes leaves no trace: also when an attempt before this one came no further.
    this.#db.scrub();
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
    return this.#active(tenant, lecture)?.generation ?? null;
  }

  #active(tenant: number, lecture: string): ActiveRow | undefined {
    return this.#db.all<ActiveRow>('SELECT generation, former FROM lectures WHERE tenant = :tenant AND lecture = :lecture', {
      tenant,
      lecture,
    })[0];
  }
}

/** Throws `conflict` unless the lecture is at `previous`, or was until a move took it from there. */
function requireAt(active: ActiveRow | undefined, lecture: string, previous: string | null): void {
  const at = active?.generation ?? null;
  if (at === previous || (previous !== null && active?.former === previous)) return;
  throw new LecternError('conflict', `${lecture} is at generation ${at ?? 'none'}, not ${previous ?? 'none'}`);
}
