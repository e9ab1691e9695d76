import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalBinary } from '../../cli/embedded/temporal-binary.ts';
import { startTemporalServer, type TemporalServer, type TemporalServerOptions } from '../../cli/embedded/temporal-server.ts';
import { parseConfig } from '../../contracts/config.ts';

/** A real Temporal server of a test's own: free ports; in memory, unless a file is given. */
export async function startTestTemporal(options: Pick<TemporalServerOptions, 'dbFile' | 'dynamicConfig'> = {}): Promise<TemporalServer> {
  const config = parseConfig(process.env);
  const binary = await findTemporalBinary({
    cacheDir: config.LECTERN_CACHE,
    offline: config.LECTERN_OFFLINE,
    searchPath: process.env['PATH'],
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const folder = await mkdtemp(join(tmpdir(), 'lectern-test-temporal-'));
  const server = await startTemporalServer({
    binary: binary.path,
    ...options,
    logFile: join(folder, 'temporal.log'),
    namespace: 'default',
    port: 0,
    uiPort: 0,
  });
  return {
    ...server,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
