import { join } from 'node:path';
import { findTemporalBinary } from '../../cli/embedded/temporal-binary.ts';
import { startTemporalServer } from '../../cli/embedded/temporal-server.ts';
import { parseConfig } from '../../contracts/config.ts';

/** A Temporal server with its database in a file, that comes back at the same address. */
export interface RevivableTemporal {
  readonly address: string;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Returns when it serves again. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRevivableTemporal(folder: string): Promise<RevivableTemporal> {
  const { LECTERN_CACHE: cacheDir, LECTERN_OFFLINE: offline } = parseConfig(process.env);
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const { path: binary } = await findTemporalBinary({ cacheDir, offline, searchPath: process.env['PATH'], report });
  const dbFile = join(folder, 'temporal.db');
  const logFile = join(folder, 'temporal.log');
  const start = (port: number) => startTemporalServer({ binary, dbFile, logFile, namespace: 'default', port, uiPort: 0 });
  let server = await start(0);
  const { address } = server;
  return {
    address,
    async kill() {
      process.kill(-server.process.pid, 'SIGKILL');
      await server.process.exited;
    },
    async revive() {
      server = await start(Number(address.split(':')[1]));
    },
    stop: () => server.stop(),
  };
}
