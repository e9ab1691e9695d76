import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findTemporalBinary } from '../../cli/embedded/temporal-binary.ts';
import { checkNamespace, startTemporalServer } from '../../cli/embedded/temporal-server.ts';
import { parseConfig } from '../../contracts/config.ts';

it('starts Temporal again when a port that was free is taken in between', async () => {
  const { LECTERN_CACHE: cacheDir, LECTERN_OFFLINE: offline } = parseConfig(process.env);
  const { path } = await findTemporalBinary({ cacheDir, offline, searchPath: process.env['PATH'], report: () => undefined });
  const folder = await mkdtemp(join(tmpdir(), 'lectern-lost-port-'));
  // The real server, that loses its port on the first start only.
  const binary = join(folder, 'temporal');
  const loseOnce = `[ -e ${folder}/lost ] || { touch ${folder}/lost; echo "listen tcp: bind: address already in use"; exit 1; }`;
  await writeFile(binary, `#!/bin/sh\n${loseOnce}\nexec ${path} "$@"\n`);
  await chmod(binary, 0o755);
  const server = await startTemporalServer({ binary, logFile: join(folder, 'log'), namespace: 'default', port: 0, uiPort: 0 });
  try {
    await expect(checkNamespace(server.address, 'default')).resolves.toBeUndefined();
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
