/**
 * `npm run test:faults`: the faults of `tests/faults/README.md` on real servers, which are killed, cut off and frozen. Sets up what
 * `npm test` does, and toxiproxy. The last line is `N passed, N failed`. `npm run test:faults -- outage` runs the files that match.
 */
import { parseConfig } from '../../contracts/config.ts';
import { prepareTestMachine } from '../support/prepare-machine.ts';
import { runVitest } from '../support/run-vitest.ts';
import { findToxiproxyBinary } from '../support/toxiproxy.ts';

const report = (line: string): void => console.log(line);
await prepareTestMachine(process.env, report);
report(`toxiproxy: ${await findToxiproxyBinary(parseConfig(process.env).LECTERN_CACHE, report)}`);
await runVitest([['faults']], process.argv.slice(2));
