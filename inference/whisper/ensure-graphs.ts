import { dirname } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import type { Precision } from '../graphs/linear.ts';
import { buildWhisperGraphs, WHISPER_GRAPH_BUILDER_VERSION } from '../graphs/whisper.ts';
import type { ModelFiles } from '../models/store.ts';
import { ensureGraph } from '../onnx/graph-cache.ts';
import { unusableFolder } from './whisper-folder.ts';

/**
 * Writes the graphs of a Whisper below `cacheDir` where they are not there yet (seconds, for large ones minutes) and gives their
 * folder. Throws `model-missing` or `invalid-input` with the name of the file or tensor for weights that cannot be run.
 */
export async function ensureWhisperGraphs(model: ModelFiles, cacheDir: string, precision: Precision): Promise<string> {
  const { name, revision } = model.identity;
  const id = { model: name, revision, precision, builder: WHISPER_GRAPH_BUILDER_VERSION };
  const folder = whisperFolder(model);
  return ensureGraph(cacheDir, id, async (dir) => {
    try {
      await buildWhisperGraphs(folder, precision, dir);
    } catch (error) {
      throw error instanceof LecternError ? unusableFolder(folder, error) : error;
    }
  });
}

/** Weights, configuration and vocabulary lie in one folder. */
export function whisperFolder(model: ModelFiles): string {
  return dirname(model.path('config.json'));
}
