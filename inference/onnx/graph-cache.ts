import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { logInference } from './inference-log.ts';

export interface GraphId {
  /** As in `models.json`. */
  model: string;
  /** Revision of the weights the graph is built from. */
  revision: string;
  precision: string;
  /** Version of the code that builds it: raise it with every change of the graph. */
  builder: number;
}

/** A graph that nobody opened for so long, of another builder mostly, is taken away when the next is built: it takes seconds to make. */
const KEPT_DAYS = 30;
const DAY_MS = 24 * 3600 * 1000;

/**
 * The folder of a built graph, below `<cacheDir>/graphs`. `build` fills a temporary folder that is renamed into place
 * when it is complete; of two processes that build at once the first to finish wins and the other's work is dropped.
 */
export async function ensureGraph(cacheDir: string, id: GraphId, build: (dir: string) => Promise<void>): Promise<string> {
  const graphs = join(cacheDir, 'graphs');
  const name = `${id.model}-${id.precision}-v${id.builder}-${id.revision}`.replaceAll(/[^\w.-]/g, '_');
  const final = join(graphs, name);
  if (await exists(final)) {
    const now = new Date();
    // A cache that may only be read serves as well.
    await utimes(final, now, now).catch(() => undefined);
    return final;
  }
  await mkdir(graphs, { recursive: true });
  const temporary = await mkdtemp(join(graphs, `.${name}-`));
  const startedAt = performance.now();
  try {
    await build(temporary);
    await writeFile(join(temporary, 'graph.json'), `${JSON.stringify(id)}\n`);
    await rename(temporary, final);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!(await exists(final))) throw error;
  }
  logInference('graph built', { model: id.model, precision: id.precision, milliseconds: Math.round(performance.now() - startedAt) });
  await removeUnused(graphs);
  return final;
}

/** Also what a process that was killed had begun. */
async function removeUnused(graphs: string): Promise<void> {
  for (const name of await readdir(graphs)) {
    const folder = join(graphs, name);
    const lastUsedMs = await stat(folder).then(
      (found) => found.mtimeMs,
      () => Infinity,
    );
    if (Date.now() - lastUsedMs > KEPT_DAYS * DAY_MS) await rm(folder, { recursive: true, force: true });
  }
}

async function exists(dir: string): Promise<boolean> {
  try {
    return (await stat(dir)).isDirectory();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
