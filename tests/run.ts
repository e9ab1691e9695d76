/**
 * `npm test`: sets up what the tests need (models, Temporal, MinIO, ffmpeg), each step saying what it does and how long it took,
 * then runs every test but those of `npm run test:faults`. The last line is `N passed, N failed`; the exit code is 0 only when nothing
 * failed. `npm test -- tests/storage` runs the files that match; `LECTERN_CACHE` says where the set-up is kept.
 */
import { prepareTestMachine } from './support/prepare-machine.ts';
import { runVitest } from './support/run-vitest.ts';

await prepareTestMachine(process.env, (line) => console.log(line));
// Tests of servers mostly wait, those of models compute: side by side they share two cores well.
await runVitest([['unit', 'models'], ['servers']], process.argv.slice(2));
