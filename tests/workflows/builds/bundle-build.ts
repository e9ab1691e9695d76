import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { parseConfig } from '../../../contracts/config.ts';
import { ensureWorkflowBundle } from '../../../worker/workflow-bundle.ts';

export interface Build {
  codePath: string;
}

const NEXT = { changed: new URL('./changed.ts', import.meta.url), patched: new URL('./patched.ts', import.meta.url) };

/** Today's workflow code, as workers run it. */
export async function bundleToday(): Promise<Build> {
  return ensureWorkflowBundle(parseConfig(process.env).LECTERN_CACHE);
}

/** The workflow code of a next build beside this file, kept until it or today's changes: webpack takes seconds. */
export async function bundleNext(name: keyof typeof NEXT): Promise<Build> {
  const { LECTERN_CACHE } = parseConfig(process.env);
  const workflowsPath = fileURLToPath(NEXT[name]);
  const today = await bundleToday();
  const digest = createHash('sha256')
    .update(basename(today.codePath))
    .update(await readFile(workflowsPath))
    .digest('hex')
    .slice(0, 24);
  const folder = join(LECTERN_CACHE, 'workflows');
  const codePath = join(folder, `${name}-${digest}.js`);
  if (
    await stat(codePath).then(
      () => true,
      () => false,
    )
  )
    return { codePath };
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  await mkdir(folder, { recursive: true });
  await writeFile(`${codePath}.${process.pid}.part`, code);
  await rename(`${codePath}.${process.pid}.part`, codePath);
  return { codePath };
}
