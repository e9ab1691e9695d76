import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { sha256OfFile } from './local-file.ts';
import type { ModelFiles } from './store.ts';

/** What a variable that chooses a model says: a name, or, with a slash or a dot in front, a folder. */
export function isModelFolder(choice: string): boolean {
  return /[/\\]/.test(choice) || choice.startsWith('.');
}

/** Throws `model-missing` with the name of the first of `files` that the folder does not have. */
export function requireFiles(dir: string, files: readonly string[]): void {
  const absent = files.find((file) => !existsSync(join(dir, file)));
  if (absent !== undefined) throw new LecternError('model-missing', `there is no ${absent}`);
}

/** A folder's content names it: whatever was computed before one of its `files` changed is computed anew. */
export async function nameByContent(dir: string, files: readonly string[]): Promise<ModelFiles> {
  const content = createHash('sha256');
  for (const file of files.toSorted()) content.update(`${file}\0${await sha256OfFile(join(dir, file))}\n`);
  return {
    identity: { name: nameOfFolder(dir), revision: content.digest('hex').slice(0, 12) },
    path: (file) => join(dir, file),
  };
}

/** The hub's own cache keeps models in `models--<owner>--<name>/snapshots/<commit>`. */
function nameOfFolder(dir: string): string {
  return /models--[^/\\]+--([^/\\]+)[/\\]snapshots[/\\][^/\\]+$/.exec(dir)?.[1] ?? basename(dir);
}
