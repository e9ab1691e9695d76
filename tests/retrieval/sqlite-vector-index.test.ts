import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import { describeVectorIndex } from './vector-index-contract.ts';

describeVectorIndex('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-index-'));
  return {
    open: () => openSqliteVectorIndex({ path: join(folder, 'data', 'index.db') }),
    tearDown: () => rm(folder, { recursive: true }),
  };
});
