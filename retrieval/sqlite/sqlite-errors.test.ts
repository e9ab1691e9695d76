import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toChunks, toLectureId } from '../../tests/retrieval/sample-chunks.ts';
import { IndexDatabase } from './index-database.ts';
import { IndexReader } from './index-reader.ts';
import { IndexWriter } from './index-writer.ts';
import { toIndexError } from './sqlite-errors.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lectern-index-'));
  path = join(folder, 'index.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return toIndexError(error, path);
  }
  throw new Error('nothing was thrown');
}

describe('errors of the SQLite index', () => {
  it('a full disk is out of resources, loses nothing, and is over when there is room', () => {
    const db = new IndexDatabase(path);
    const writer = new IndexWriter(db);
    const entry = { lectureId: toLectureId(1) };
    writer.writeChunks('t', entry, 'g1', toChunks(3));
    writer.activate('t', entry, 'g1', 3, null);
    const [{ page_count: pages }] = db.all<{ page_count: number }>('PRAGMA page_count') as [{ page_count: number }];
    db.exec(`PRAGMA max_page_count = ${pages + 2}`);
    expect(errorOf(() => writer.writeChunks('t', entry, 'g2', toChunks(500)))).toMatchObject({ kind: 'out-of-resources' });
    const reader = new IndexReader(db);
    expect(reader.countChunks('t', entry.lectureId, 'g2')).toBe(0);
    expect(reader.search('t', [{ leg: 'bm25', limit: 9, text: 'passage' }], {})[0]).toHaveLength(3);
    db.exec('PRAGMA max_page_count = 1000000');
    writer.writeChunks('t', entry, 'g2', toChunks(500));
    writer.activate('t', entry, 'g2', 500, 'g1');
    db.close();
  });

  it('a file that is something else is unavailable, and says what to do', () => {
    writeFileSync(path, 'Dear diary, '.repeat(100));
    expect(errorOf(() => new IndexDatabase(path))).toMatchObject({ kind: 'unavailable', cure: expect.stringContaining('remove the file') });
  });

  it('an index of another format is unavailable, and says what to do', () => {
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 999');
    db.close();
    expect(errorOf(() => new IndexDatabase(path))).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('format 999') });
  });

  it('a lock that stays is unavailable', () => {
    new IndexDatabase(path).close();
    const holder = new DatabaseSync(path);
    holder.exec('BEGIN IMMEDIATE');
    const waiting = new DatabaseSync(path, { timeout: 10 });
    expect(errorOf(() => waiting.exec('BEGIN IMMEDIATE'))).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('locked'),
    });
    waiting.close();
    holder.close();
  });

  it('a folder that cannot be written is unavailable', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(errorOf(() => new DatabaseSync(join(folder, 'file', 'index.db')))).toMatchObject({ kind: 'unavailable' });
    new IndexDatabase(path).close();
    chmodSync(path, 0o400);
    const reading = new DatabaseSync(path, { readOnly: true });
    expect(errorOf(() => reading.exec('DELETE FROM meta'))).toMatchObject({ kind: 'unavailable' });
    reading.close();
  });

  it('leaves other errors as they are', () => {
    const error = new Error('other');
    expect(toIndexError(error, path)).toBe(error);
  });
});
