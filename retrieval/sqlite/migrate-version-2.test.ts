import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { denseOf, toChunks, toLectureId } from '../../tests/retrieval/sample-chunks.ts';
import { IndexDatabase } from './index-database.ts';
import { IndexReader } from './index-reader.ts';
import { IndexWriter } from './index-writer.ts';

/** What version 2 had otherwise than version 3. */
const BACK_TO_VERSION_2 = `
  ALTER TABLE lectures DROP COLUMN former;
  ALTER TABLE segments RENAME TO newer;
  CREATE TABLE segments (
    tenant INTEGER NOT NULL, lecture TEXT NOT NULL, generation TEXT NOT NULL, sparse BLOB NOT NULL, words BLOB NOT NULL, codes BLOB NOT NULL,
    PRIMARY KEY (tenant, lecture));
  INSERT INTO segments SELECT * FROM newer;
  DROP TABLE newer;
  PRAGMA user_version = 2;`;

const lecture = { lectureId: toLectureId(1), title: 'Cells' };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lectern-index-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('serves an index of version 2 on, and stages beside it', () => {
  const path = join(folder, 'index.db');
  const made = new IndexDatabase(path);
  new IndexWriter(made).writeChunks('t', lecture, 'g1', toChunks(6));
  new IndexWriter(made).activate('t', lecture, 'g1', 6, null);
  made.close();
  const old = new DatabaseSync(path);
  old.exec(BACK_TO_VERSION_2);
  old.close();

  const db = new IndexDatabase(path);
  const [reader, writer] = [new IndexReader(db), new IndexWriter(db)];
  expect(reader.search('t', [{ leg: 'dense', limit: 10, dense: denseOf(1) }], {})[0]).toHaveLength(6);
  expect(reader.catalogue('t')).toEqual([{ ...lecture, generation: 'g1', chunks: 6 }]);
  writer.writeChunks('t', lecture, 'g2', toChunks(2));
  writer.stage('t', lecture.lectureId, 'g2', 2);
  expect(writer.moveTogether('t', [{ lectureId: lecture.lectureId, from: 'g1', to: 'g2' }])).toEqual([lecture.lectureId]);
  expect(reader.search('t', [{ leg: 'dense', limit: 10, dense: denseOf(1) }], {})[0]).toHaveLength(2);
  db.close();
});
