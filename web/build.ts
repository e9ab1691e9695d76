/** Builds the page: `node web/build.ts`, as the image does; the embedded stack calls `ensurePage` at its start. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
/** What the page is made of; `contracts/` gives it the shapes and names of the API. */
const SOURCES = ['web/src', 'web/public', 'web/index.html', 'web/vite.config.ts', 'contracts'];
/** In the built folder: of which state of its sources it is. */
const STAMP = 'sources.sha256';

/** The folder of the page, built (2 s) where that was not done for the present sources. Several processes may do so at once. */
export async function ensurePage(report: (line: string) => void): Promise<string> {
  const folder = join(ROOT, 'dist');
  const stamp = await digestSources();
  if ((await readIfThere(join(folder, STAMP))) === stamp) return folder;
  report('the page: building it (once per version, seconds)');
  const making = join(ROOT, `dist.${process.pid}`);
  try {
    await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'warn', build: { outDir: making, emptyOutDir: true } });
    await writeFile(join(making, STAMP), stamp);
    await rm(folder, { recursive: true, force: true });
    await rename(making, folder);
  } catch (error) {
    // Another process was faster: its page is of the same sources.
    if ((await readIfThere(join(folder, STAMP))) !== stamp) throw error;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}

async function digestSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['vite', 'react', '@tanstack/react-router', '@tanstack/react-query']) hash.update(versionOf(name));
  for (const source of SOURCES) {
    for (const path of await filesBelow(join(ROOT, '..', source))) {
      if (!path.endsWith('.test.ts')) hash.update(`${path.slice(ROOT.length)}\0`).update(await readFile(path));
    }
  }
  return hash.digest('hex');
}

function versionOf(name: string): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (entries === undefined) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

if (import.meta.main) await ensurePage((line) => process.stdout.write(`${line}\n`));
