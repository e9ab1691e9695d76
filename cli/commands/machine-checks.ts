import { access, statfs } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import { formatBytes } from '../output.ts';

/** `missing` stops Lectern; `note` is something it can do without or will fetch itself. */
export interface Finding {
  check: string;
  state: 'ok' | 'note' | 'missing';
  found: string;
  cure?: string;
}

/** Temporal's server, all default models, their graphs, and a first lecture. */
const WANTED_BYTES = 4e9;

/** Whether the ports that the stack listens on are free. */
export async function checkPorts(config: Config): Promise<Finding[]> {
  const ports = [
    ['LECTERN_PORT', config.LECTERN_PORT],
    ['LECTERN_TEMPORAL_PORT', config.LECTERN_TEMPORAL_PORT],
    ['LECTERN_TEMPORAL_UI_PORT', config.LECTERN_TEMPORAL_UI_PORT],
  ] as const;
  const findings = ports.map(async ([variable, port]): Promise<Finding> => {
    if (port === 0 || !(await isAnswering(config.LECTERN_HOST, port)))
      return { check: `port ${port}`, state: 'ok', found: `free (${variable})` };
    return {
      check: `port ${port}`,
      state: 'missing',
      found: 'taken by another program',
      cure: `Stop that program, or set ${variable} to another port.`,
    };
  });
  return Promise.all(findings);
}

/** Room for what the stack writes. */
export async function checkDisk(config: Config): Promise<Finding[]> {
  const folders = [config.LECTERN_DATA, config.LECTERN_CACHE];
  return Promise.all(
    folders.map(async (folder): Promise<Finding> => {
      const { bavail, bsize } = await statfs(await nearestFolder(folder));
      const found = `${formatBytes(bavail * bsize)} free for ${folder}`;
      if (bavail * bsize >= WANTED_BYTES) return { check: 'disk', state: 'ok', found };
      return { check: 'disk', state: 'missing', found, cure: `Make room for ${formatBytes(WANTED_BYTES)}.` };
    }),
  );
}

/** The folder itself, or the one that it would be made in. */
async function nearestFolder(path: string): Promise<string> {
  const folder = resolve(path);
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  return isThere || folder === dirname(folder) ? folder : nearestFolder(dirname(folder));
}

/** Whether something listens there. */
export function isAnswering(host: string, port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = createConnection({ host, port, timeout: 2_000 });
    const end = (answers: boolean): void => {
      socket.destroy();
      settle(answers);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
