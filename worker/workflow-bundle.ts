import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH } from './encryption/data-converter.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CORRELATION = fileURLToPath(new URL('../workflows/correlate.ts', import.meta.url));
const TRACING = createRequire(import.meta.url).resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors');
/** Of the file's name, where its workflows make spans. */
export const TRACED = '.traced';
/** What the bundle is made of: workflows, the names they share, and the SDK. */
const SOURCES = ['workflows', 'contracts'];

/**
 * The workflow code as one file for the sandbox, made once per state of its sources and kept in `<cacheDir>/workflows/<digest>.js`:
 * webpack takes 5 s, at every start, of two cores. What makes spans (`isTraced`) would double it, and stays out where nobody looks at
 * them; histories of either replay on both. `isEncrypted` puts errors where the codec encrypts them.
 */
export async function ensureWorkflowBundle(
  cacheDir: string,
  { isTraced = false, isEncrypted = false } = {},
): Promise<{ codePath: string }> {
  const folder = join(cacheDir, 'workflows');
  const codePath = join(folder, `${await digestSources()}${isEncrypted ? '.encrypted' : ''}${isTraced ? TRACED : ''}.js`);
  const cached = await readFile(codePath).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (cached !== undefined) return { codePath };
  // webpack tells its whole module graph at INFO.
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(ROOT, 'workflows', 'index.ts'),
    workflowInterceptorModules: [CORRELATION, ...(isTraced ? [TRACING] : [])],
    ...(isEncrypted ? { failureConverterPath: FAILURE_CONVERTER_PATH } : {}),
    logger,
  });
  await mkdir(folder, { recursive: true });
  const temporary = `${codePath}.${process.pid}.part`;
  await writeFile(temporary, code);
  await rename(temporary, codePath);
  return { codePath };
}

async function digestSources(): Promise<string> {
  const hash = createHash('sha256');
  const sdk = createRequire(import.meta.url)('@temporalio/workflow/package.json') as { version: string };
  hash.update(sdk.version);
  for (const folder of SOURCES) {
    for (const name of (await readdir(join(ROOT, folder))).sort()) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
      hash.update(`${folder}/${name}\0`).update(await readFile(join(ROOT, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 24);
}
