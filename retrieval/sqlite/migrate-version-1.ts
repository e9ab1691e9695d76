import { getLoadablePath } from 'sqlite-vec';
import { countStems } from '../stem-counts.ts';
import { encodeCodes } from './dense-codes.ts';
import type { IndexDatabase } from './index-database.ts';
import { decodeSegment, encodeSegment } from './sparse-segment.ts';
import { toVector } from './vector-blob.ts';

/**
 * Version 1 kept vectors in a table of `sqlite-vec` and words in a full-text table a tenant, and knew no roles: chunks have none until
 * their lecture is indexed again. To be called within a transaction: a file is of one version or the other.
 */
export function migrateFromVersion1(db: IndexDatabase): void {
  db.exec(`
    ALTER TABLE chunks ADD COLUMN role TEXT;
    CREATE TABLE segments (
      tenant INTEGER NOT NULL, lecture TEXT NOT NULL, generation TEXT NOT NULL, sparse BLOB NOT NULL, words BLOB NOT NULL, codes BLOB NOT NULL,
      PRIMARY KEY (tenant, lecture));`);
  const hasVectors = db.all("SELECT 1 FROM meta WHERE key = 'dimensions' AND value > 0").length > 0;
  db.exec('CREATE TABLE exact (id INTEGER PRIMARY KEY, vector BLOB NOT NULL);');
  if (hasVectors) {
    db.loadExtension(getLoadablePath());
    db.exec('INSERT INTO exact SELECT id, embedding FROM vectors; DROP TABLE vectors;');
  }
  db.exec('ALTER TABLE exact RENAME TO vectors;');
  const lectures = db.all<{ tenant: number; lecture: string; generation: string }>('SELECT tenant, lecture, generation FROM postings');
  for (const lecture of lectures) moveLecture(db, lecture);
  for (const { id } of db.all<{ id: number }>('SELECT id FROM tenants')) db.exec(`DROP TABLE IF EXISTS terms_${id}`);
  db.exec('DROP TABLE postings; PRAGMA user_version = 2;');
}

function moveLecture(db: IndexDatabase, key: { tenant: number; lecture: string; generation: string }): void {
  const { tenant, lecture } = key;
  const { segment } = db.all<{ segment: Uint8Array }>('SELECT segment FROM postings WHERE tenant = :tenant AND lecture = :lecture', {
    tenant,
    lecture,
  })[0]!;
  // The order of its chunks is that of all the lecture's lists.
  const ids = [...decodeSegment(segment).ids];
  const find = <Row>(sql: string): Row[] => ids.map((id) => db.all<Row>(sql, { id })[0]!);
  const texts = find<{ text: string }>("SELECT coalesce(context || char(10), '') || text AS text FROM chunks WHERE id = :id");
  const vectors = find<{ vector: Uint8Array }>('SELECT vector FROM vectors WHERE id = :id');
  db.run(
    `INSERT INTO segments (tenant, lecture, generation, sparse, words, codes)
     VALUES (:tenant, :lecture, :generation, :sparse, :words, :codes)`,
    {
      ...key,
      sparse: segment,
      words: encodeSegment(texts.map(({ text }, at) => ({ id: ids[at]!, sparse: countStems(text) }))),
      codes: encodeCodes(vectors.map(({ vector }) => toVector(vector))),
    },
  );
}
