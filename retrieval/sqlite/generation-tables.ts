import { LecternError } from '../../contracts/errors.ts';
import type { SparseVector } from '../../contracts/transcript.ts';
import { countStems } from '../stem-counts.ts';
import { encodeCodes } from './dense-codes.ts';
import type { IndexDatabase } from './index-database.ts';
import { encodeSegment } from './sparse-segment.ts';
import { toVector } from './vector-blob.ts';

/** One generation of one lecture, as the tables name it. */
export interface GenerationKey {
  tenant: number;
  lecture: string;
  generation: string;
}

/** A chunk of a generation that is about to be staged. */
interface LoadedRow {
  id: number;
  sparse: string;
  dense: Uint8Array;
  /** What is searched: its context before its own words. */
  text: string;
}

const ONE = 'tenant = :tenant AND lecture = :lecture AND generation = :generation';

/** Whether the generation is in the tables that searches read. */
export function isStaged(db: IndexDatabase, key: GenerationKey): boolean {
  return db.all(`SELECT 1 FROM segments WHERE ${ONE}`, { ...key }).length > 0;
}

/** Throws `conflict` where the generation does not hold so many chunks. */
export function requireChunks(db: IndexDatabase, key: GenerationKey, expectedChunks: number): void {
  const held = countRows(db, key);
  if (held === expectedChunks) return;
  throw new LecternError('conflict', `generation ${key.generation} of ${key.lecture} holds ${held} chunks, not ${expectedChunks}`);
}

export function countRows(db: IndexDatabase, key: GenerationKey): number {
  return db.all<{ n: number }>(`SELECT count(*) AS n FROM chunks WHERE ${ONE}`, { ...key })[0]!.n;
}

/** Puts a generation into the tables that searches read; nothing where it is there. */
export function stageGeneration(db: IndexDatabase, key: GenerationKey): void {
  if (isStaged(db, key)) return;
  const parameters = { ...key };
  const rows = db.all<LoadedRow>(
    `SELECT id, sparse, dense, coalesce(context || char(10), '') || text AS text FROM chunks WHERE ${ONE} ORDER BY ordinal`,
    parameters,
  );
  db.run(`INSERT INTO vectors (id, vector) SELECT id, dense FROM chunks WHERE ${ONE}`, parameters);
  db.run(
    `INSERT INTO segments (tenant, lecture, generation, sparse, words, codes)
     VALUES (:tenant, :lecture, :generation, :sparse, :words, :codes)`,
    {
      ...key,
      sparse: encodeSegment(rows.map(({ id, sparse }) => ({ id, sparse: JSON.parse(sparse) as SparseVector }))),
      words: encodeSegment(rows.map(({ id, text }) => ({ id, sparse: countStems(text) }))),
      codes: encodeCodes(rows.map(({ dense }) => toVector(dense))),
    },
  );
  db.run(`UPDATE chunks SET dense = NULL, sparse = NULL WHERE ${ONE}`, parameters);
}

/** Removes one generation from all tables that hold chunks. */
export function removeGeneration(db: IndexDatabase, key: GenerationKey): void {
  remove(db, ONE, { ...key });
}

/** Removes every generation of a lecture but `kept`. */
export function removeOthers(db: IndexDatabase, key: { tenant: number; lecture: string; kept: string | null }): void {
  remove(db, 'tenant = :tenant AND lecture = :lecture AND generation IS NOT :kept', key);
}

function remove(db: IndexDatabase, where: string, key: Parameters<IndexDatabase['run']>[1]): void {
  db.run(`DELETE FROM vectors WHERE id IN (SELECT id FROM chunks WHERE ${where})`, key);
  db.run(`DELETE FROM segments WHERE ${where}`, key);
  db.run(`DELETE FROM chunks WHERE ${where}`, key);
}
