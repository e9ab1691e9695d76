import { readdir, readFile } from 'node:fs/promises';

/** A running process and what it holds in memory. */
export interface ProcessMemory {
  pid: number;
  /** The program, or the script that Node runs. */
  name: string;
  rssBytes: number;
}

interface Stat {
  pid: number;
  parent: number;
  name: string;
}

/** `root` and all that it started, with their resident memory; pages they share are counted in each. Linux only: reads /proc. */
export async function readProcessTree(root: number): Promise<ProcessMemory[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = (await Promise.all(pids.map((pid) => readProc(pid, 'stat')))).flatMap((text) => parseStat(text) ?? []);
  const tree = descendantsOf(root, stats);
  return Promise.all(
    tree.map(async ({ pid, name }) => {
      const [status, command] = await Promise.all([readProc(String(pid), 'status'), readProc(String(pid), 'cmdline')]);
      return { pid, name: programOf(command) ?? name, rssBytes: parseRss(status) };
    }),
  );
}

/** `worker/main.ts` of `/usr/bin/node\0/x/worker/main.ts\0`: Node names every process of its own alike. */
export function programOf(command: string): string | undefined {
  const [program = '', script = ''] = command.split('\0');
  const path = /(^|\/)node$/.test(program) && script !== '' ? script : program;
  return path === ''
    ? undefined
    : path
        .split('/')
        .slice(path === script ? -2 : -1)
        .join('/');
}

/** `pid (name) state ppid ...`; a name may hold spaces and brackets. */
export function parseStat(text: string): Stat | undefined {
  const [, pid, name = '', parent] = /^(\d+) \((.*)\) \S (\d+) /s.exec(text) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), parent: Number(parent), name };
}

export function descendantsOf(root: number, stats: readonly Stat[]): Stat[] {
  const members = new Set([root]);
  for (let before = 0; before < members.size;) {
    before = members.size;
    for (const { pid, parent } of stats) if (members.has(parent)) members.add(pid);
  }
  return stats.filter(({ pid }) => members.has(pid));
}

function parseRss(status: string): number {
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

async function readProc(pid: string, file: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    // A process that ended between listing and reading holds no memory.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
