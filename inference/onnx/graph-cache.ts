import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
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

/**
 * The folder of a built graph, below `<cacheDir>/graphs`. `build` fills a temporary folder that is renamed into place
 * when it is complete; of two processes that build at once the first to finish wins and the other's work is dropped.
 */
export async function ensureGraph(cacheDir: string, id: GraphId, build: (dir: string) => Promise<void>): Promise<string> {
  const graphs = join(cacheDir, 'graphs');
  const name = `${id.model}-${id.precision}-v${id.builder}-${id.revision}`.replaceAll(/[^\w.-]/g, '_');
  const final = join(graphs, name);
  if (await exists(final)) return final;
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
  return final;
}

async function exists(dir: string): Promise<boolean> {
  try {
    return (await stat(dir)).isDirectory();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
