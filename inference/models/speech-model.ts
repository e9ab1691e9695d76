import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { checkWhisperFolder, unusableFolder } from '../whisper/whisper-folder.ts';
import { sha256OfFile } from './local-file.ts';
import type { OnFetchProgress } from './model-source.ts';
import type { ModelFiles, ModelStore } from './store.ts';

/** What `LECTERN_ASR_MODEL` says: a name of the catalogue, or, with a slash or a dot in front, a folder. */
export function isModelFolder(choice: string): boolean {
  return /[/\\]/.test(choice) || choice.startsWith('.');
}

/**
 * The model that transcribes: one of the catalogue, fetched where it is missing, or a folder on this machine as it is. Throws
 * `not-found` for a name that is no speech model's, and what `checkWhisperFolder` throws, with the folder and the cure.
 */
export async function findSpeechModel(choice: string, store: ModelStore, onProgress?: OnFetchProgress): Promise<ModelFiles> {
  if (isModelFolder(choice)) return openModelFolder(resolve(choice));
  const models = (await store.list()).filter((model) => model.speech !== undefined);
  if (models.some(({ name }) => name === choice)) return store.ensure(choice, onProgress);
  const runnable = models.filter(({ speech }) => speech?.notRunnable === undefined).map(({ name }) => name);
  throw new LecternError('not-found', `LECTERN_ASR_MODEL: no speech model is named ${choice}`, {
    cure: `Choose one of ${runnable.join(', ')}; a folder is written with a slash: ./${choice}.`,
  });
}

/** A folder's content names it: whatever was transcribed before one of its files changed is transcribed anew. */
async function openModelFolder(dir: string): Promise<ModelFiles> {
  const files = await checkFolder(dir);
  const content = createHash('sha256');
  for (const file of files.toSorted()) content.update(`${file}\0${await sha256OfFile(join(dir, file))}\n`);
  return {
    identity: { name: nameOfFolder(dir), revision: content.digest('hex').slice(0, 12) },
    path: (file) => join(dir, file),
  };
}

async function checkFolder(dir: string): Promise<string[]> {
  try {
    if (!(await stat(dir)).isDirectory()) throw new LecternError('invalid-input', 'it is a file: name the folder that holds it');
    return await checkWhisperFolder(dir);
  } catch (error) {
    throw unusableFolder(dir, error);
  }
}

/** The hub's own cache keeps models in `models--<owner>--<name>/snapshots/<commit>`. */
function nameOfFolder(dir: string): string {
  return /models--[^/\\]+--([^/\\]+)[/\\]snapshots[/\\][^/\\]+$/.exec(dir)?.[1] ?? basename(dir);
}
