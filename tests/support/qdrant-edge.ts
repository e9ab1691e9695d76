import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseConfig } from '../../contracts/config.ts';

const run = promisify(execFile);

/** Pinned: the engine's answers are part of what the tests assert. */
const ENGINE = 'qdrant-edge-py==0.9.0';

export interface QdrantServer {
  url: string;
  stop(): Promise<void>;
}

/** `QDRANT_URL` where it is set; else the real engine in a Python process of our own, its wheel installed once into the cache. */
export async function startQdrant(): Promise<QdrantServer> {
  const config = parseConfig(process.env);
  if (config.QDRANT_URL !== undefined) return { url: config.QDRANT_URL, stop: () => Promise.resolve() };
  const python = await ensureQdrantEdge(config.LECTERN_CACHE, () => undefined);
  const folder = await mkdtemp(join(tmpdir(), 'lectern-qdrant-'));
  const script = fileURLToPath(new URL('./qdrant_edge_server.py', import.meta.url));
  const server = spawn(python, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await Promise.race([
    once(createInterface(server.stdout), 'line'),
    once(server, 'exit').then(([code]) => {
      throw new Error(`qdrant_edge_server.py ended with ${String(code)} before it listened`);
    }),
  ])) as [string];
  const { port } = JSON.parse(line) as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const ended = once(server, 'exit');
      server.stdin.end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The Python of a virtual environment with the engine, made once under a temporary name and renamed whole. */
export async function ensureQdrantEdge(cacheDir: string, report: (line: string) => void): Promise<string> {
  const folder = join(cacheDir, 'qdrant-edge', ENGINE.replace('==', '-'));
  const python = join(folder, 'bin', 'python');
  if (await exists(python)) return python;
  report(`installing ${ENGINE} (40 MB) into ${folder}`);
  await mkdir(join(cacheDir, 'qdrant-edge'), { recursive: true });
  const making = `${folder}.${process.pid}`;
  try {
    await run('python3', ['-m', 'venv', making]);
    await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ENGINE]);
    await rename(making, folder).catch(async (error: unknown) => {
      // Another test process was faster; its environment is as good.
      if (!(await exists(python))) throw error;
    });
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Error(`Tests of the Qdrant adapter need QDRANT_URL, or python3 with venv and pip to install ${ENGINE}: ${told}`, {
      cause: error,
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return python;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
