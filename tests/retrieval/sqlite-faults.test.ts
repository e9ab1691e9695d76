import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import { denseOf, sparseOf, toChunks, toLectureId } from './sample-chunks.ts';

const entry = { lectureId: toLectureId(1) };
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-index-'));
  path = join(folder, 'index.db');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs the publisher until it has acknowledged `rounds` generations, then kills it without notice. */
async function publishAndKill(rounds: number): Promise<string> {
  const script = fileURLToPath(new URL('./publish-forever.ts', import.meta.url));
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let acknowledged = '';
  for await (const line of createInterface(child.stdout)) {
    acknowledged = line;
    if (line === `g${rounds}`) child.kill('SIGKILL');
  }
  await ended;
  return acknowledged;
}

describe('the SQLite index', () => {
  it('survives kill -9: what was acknowledged is there, whole, and writing goes on', async () => {
    for (const rounds of [2, 5]) {
      const acknowledged = Number((await publishAndKill(rounds)).slice(1));
      const index = await openSqliteVectorIndex({ path });
      const active = await index.activeGeneration('t', entry.lectureId);
      // The kill may fall between a commit and its acknowledgement.
      expect([`g${acknowledged}`, `g${acknowledged + 1}`]).toContain(active);
      const found = await index.search(
        't',
        [
          { leg: 'dense', limit: 99, dense: denseOf(1) },
          { leg: 'sparse', limit: 99, sparse: sparseOf(1) },
          { leg: 'bm25', limit: 99, text: 'passage' },
        ],
        {},
      );
      for (const hits of found) {
        expect(hits).toHaveLength(40);
        expect(new Set(hits.map((hit) => hit.chunkId.split(':')[1]))).toEqual(new Set([active]));
      }
      await index.close();
    }
  });

  it('is unavailable when its file is damaged, and says what to do', async () => {
    const index = await openSqliteVectorIndex({ path });
    await index.writeChunks('t', entry, 'g1', toChunks(300));
    await index.activate('t', entry, 'g1', 300, null);
    await index.close();
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(size - 8_192, 0xa5), 0, size - 8_192, 8_192);
    await file.close();
    const damaged = async (): Promise<void> => {
      const reopened = await openSqliteVectorIndex({ path });
      try {
        await reopened.search('t', [{ leg: 'bm25', limit: 5, text: 'passage' }], {});
      } finally {
        await reopened.close();
      }
    };
    await expect(damaged()).rejects.toMatchObject({ kind: 'unavailable', cure: expect.stringContaining('ingest again') });
  });

  it('leaves the event loop free while it writes', async () => {
    const index = await openSqliteVectorIndex({ path });
    const written = new AbortController();
    const writing = index.writeChunks('t', entry, 'g1', toChunks(3_000)).finally(() => written.abort());
    let turns = 0;
    while (!written.signal.aborted) {
      await nextTurn();
      turns += 1;
    }
    await writing;
    expect(turns).toBeGreaterThan(20);
    await index.close();
  });

  it('refuses calls after it was closed', async () => {
    const index = await openSqliteVectorIndex({ path });
    await index.close();
    await index.close();
    await expect(index.health()).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
