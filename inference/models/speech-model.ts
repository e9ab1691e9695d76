import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { checkWhisperFolder, unusableFolder } from '../whisper/whisper-folder.ts';
import { isModelFolder, nameByContent } from './model-folder.ts';
import type { OnFetchProgress } from './model-source.ts';
import type { ModelFiles, ModelStore } from './store.ts';

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

async function openModelFolder(dir: string): Promise<ModelFiles> {
  return nameByContent(dir, await checkFolder(dir));
}

async function checkFolder(dir: string): Promise<string[]> {
  try {
    if (!(await stat(dir)).isDirectory()) throw new LecternError('invalid-input', 'it is a file: name the folder that holds it');
    return await checkWhisperFolder(dir);
  } catch (error) {
    throw unusableFolder(dir, error);
  }
}
