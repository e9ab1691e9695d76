import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { toChunks, toLectureId } from '../../tests/retrieval/sample-chunks.ts';
import { IndexDatabase } from './index-database.ts';
import { IndexWriter } from './index-writer.ts';
import { ResidentTenants } from './resident-tenants.ts';

let folder: string;
let db: IndexDatabase;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lectern-index-'));
  db = new IndexDatabase(join(folder, 'index.db'));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

function publish(tenant: string, chunks: number): { id: number; revision: number } {
  const writer = new IndexWriter(db);
  const entry = { lectureId: toLectureId(1) };
  writer.writeChunks(tenant, entry, 'g1', toChunks(chunks));
  writer.activate(tenant, entry, 'g1', chunks, null);
  return db.all<{ id: number; revision: number }>('SELECT id, revision FROM tenants WHERE name = :tenant', { tenant })[0]!;
}

it('holds tenants within the bound: who was asked for longest ago leaves, and comes back when asked for', () => {
  const [first, second, third] = [publish('first', 30), publish('second', 30), publish('third', 30)];
  const one = new ResidentTenants(db, Number.POSITIVE_INFINITY);
  one.get(first.id, first.revision);
  const bound = 2.5 * one.bytes;
  const residents = new ResidentTenants(db, bound);
  const held = residents.get(first.id, first.revision);
  residents.get(second.id, second.revision);
  expect(residents.get(first.id, first.revision)).toBe(held);
  residents.get(third.id, third.revision);
  expect(residents.bytes).toBeLessThanOrEqual(bound);
  // The second left, the first stayed.
  expect(residents.get(first.id, first.revision)).toBe(held);
  const back = residents.get(second.id, second.revision);
  expect(back.sparse.segments[0]!.ids).toHaveLength(30);
});

it('keeps the tenant that is asked for, however large', () => {
  const { id, revision } = publish('large', 50);
  const residents = new ResidentTenants(db, 1);
  expect(residents.get(id, revision)).toBe(residents.get(id, revision));
});
