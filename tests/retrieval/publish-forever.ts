// Publishes generation after generation of one lecture and says so after each, until it is killed.
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import { toChunks, toLectureId } from './sample-chunks.ts';

const index = await openSqliteVectorIndex({ path: process.argv[2]! });
const entry = { lectureId: toLectureId(1) };
for (let round = 1; ; round++) {
  const previous = await index.activeGeneration('t', entry.lectureId);
  await index.writeChunks('t', entry, `g${round}`, toChunks(40));
  await index.activate('t', entry, `g${round}`, 40, previous);
  process.stdout.write(`g${round}\n`);
}
