import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { getLoadablePath } from 'sqlite-vec';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { denseOf, sparseOf, toChunk, toChunks, toLectureId } from '../../tests/retrieval/sample-chunks.ts';
import { toChunkRow } from './chunk-row.ts';
import { IndexDatabase } from './index-database.ts';
import { IndexReader } from './index-reader.ts';
import { IndexWriter } from './index-writer.ts';
import { encodeSegment } from './sparse-segment.ts';

/** The tables of version 1, as it made them for 8 dimensions and one tenant. */
const VERSION_1 = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('revision', 1), ('dimensions', 8);
  CREATE TABLE tenants (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL);
  INSERT INTO tenants VALUES (1, 't', 1);
  CREATE TABLE lectures (
    tenant INTEGER NOT NULL, lecture TEXT NOT NULL, generation TEXT NOT NULL, chunks INTEGER NOT NULL,
    title TEXT, course TEXT, semester TEXT, PRIMARY KEY (tenant, lecture)) WITHOUT ROWID;
  CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, tenant INTEGER NOT NULL, lecture TEXT NOT NULL, generation TEXT NOT NULL, ordinal INTEGER NOT NULL,
    speaker TEXT, speaker_name TEXT, start_seconds REAL NOT NULL, end_seconds REAL NOT NULL,
    text TEXT NOT NULL, context TEXT, words TEXT NOT NULL, dense BLOB, sparse TEXT,
    UNIQUE (tenant, lecture, generation, ordinal));
  CREATE TABLE postings (tenant INTEGER NOT NULL, lecture TEXT NOT NULL, generation TEXT NOT NULL, segment BLOB NOT NULL,
    PRIMARY KEY (tenant, lecture));
  CREATE VIRTUAL TABLE terms_1 USING fts5(text, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2');
  CREATE VIRTUAL TABLE vectors USING vec0(id INTEGER PRIMARY KEY, tenant INTEGER PARTITION KEY, embedding FLOAT[8] distance_metric=cosine);
  PRAGMA user_version = 1;`;

const lecture = toLectureId(1);
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lectern-index-'));
  path = join(folder, 'index.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** One lecture of six chunks that readers see, and one that was being written when the program was replaced. */
function makeVersion1(): void {
  const db = new DatabaseSync(path, { allowExtension: true });
  db.loadExtension(getLoadablePath());
  db.exec(VERSION_1);
  const insert = (generation: string, ordinal: number, isActive: boolean): number => {
    const { role: _role, dense, sparse, ...row } = toChunkRow(toChunk(ordinal, ordinal === 2 ? { context: 'On photosynthesis.' } : {}));
    const columns = 'ordinal, speaker, speaker_name, start_seconds, end_seconds, text, context, words';
    const names = ':ordinal, :speaker, :speakerName, :startSeconds, :endSeconds, :text, :context, :words';
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO chunks (tenant, lecture, generation, ${columns}, dense, sparse) VALUES (1, :lecture, :generation, ${names}, :dense, :sparse)`,
      )
      .run({ lecture, generation, ...row, dense: isActive ? null : dense, sparse: isActive ? null : sparse });
    if (isActive) db.prepare('INSERT INTO vectors (id, tenant, embedding) VALUES (?, 1, ?)').run(BigInt(lastInsertRowid), dense);
    return Number(lastInsertRowid);
  };
  const ids = [0, 1, 2, 3, 4, 5].map((ordinal) => insert('g1', ordinal, true));
  for (const ordinal of [0, 1]) insert('g2', ordinal, false);
  db.prepare("INSERT INTO lectures VALUES (1, ?, 'g1', 6, 'Cells', 'bio', NULL)").run(lecture);
  const segment = encodeSegment(ids.map((id, ordinal) => ({ id, sparse: sparseOf(ordinal + 1) })));
  db.prepare("INSERT INTO postings VALUES (1, ?, 'g1', ?)").run(lecture, segment);
  db.close();
}

it('a file of version 1 is read on, found on every leg and written on', () => {
  makeVersion1();
  for (let opening = 0; opening < 2; opening++) {
    const db = new IndexDatabase(path);
    const reader = new IndexReader(db);
    const found = reader.search(
      't',
      [
        { leg: 'dense', limit: 1, dense: denseOf(4) },
        { leg: 'sparse', limit: 9, sparse: sparseOf(1) },
        { leg: 'bm25', limit: 9, text: 'photosynthesis' },
      ],
      {},
    );
    expect(found[0]).toEqual([{ chunkId: `${lecture}:g1:3`, score: expect.closeTo(1, 5) as number }]);
    expect(found[1]).toHaveLength(6);
    expect(found[2]!.map(({ chunkId }) => chunkId)).toEqual([`${lecture}:g1:2`]);
    expect(reader.getChunks('t', [`${lecture}:g1:1`])[0]).toMatchObject({ title: 'Cells', speakerName: 'Ada', text: toChunk(1).text });
    db.close();
  }
  const db = new IndexDatabase(path);
  const writer = new IndexWriter(db);
  writer.writeChunks('t', { lectureId: lecture }, 'g2', toChunks(3, { role: 'questioner' }));
  writer.activate('t', { lectureId: lecture }, 'g2', 3, 'g1');
  const reader = new IndexReader(db);
  expect(reader.search('t', [{ leg: 'dense', limit: 9, dense: denseOf(1) }], { roles: ['questioner'] })[0]).toHaveLength(3);
  expect(db.all("SELECT name FROM sqlite_schema WHERE name LIKE 'terms_%' OR name LIKE 'vectors_%' OR name = 'postings'")).toEqual([]);
  db.close();
});
