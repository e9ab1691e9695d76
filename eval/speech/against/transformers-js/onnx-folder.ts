import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ModelFiles } from '../../../../inference/models/store.ts';
import { ensurePythonPackages, makeOnce } from '../installation.ts';

const run = promisify(execFile);
const EXPORTER = ['optimum-onnx[onnxruntime]==0.1.0', 'transformers==4.57.6', 'torch==2.15.0', 'onnx==1.23.2', 'onnxruntime==1.31.1'];

/** Lays out Lectern's Whisper as `folder/whisper` in the form of transformers.js: int8 ONNX, exported by optimum at first and kept below `cacheDir`. */
export async function layOutForTransformersJs(
  model: ModelFiles,
  folder: string,
  cacheDir: string,
  note: (line: string) => void,
): Promise<void> {
  const exported = join(cacheDir, 'peers', `transformers.js-${model.identity.name}-${model.identity.revision.slice(0, 12)}`);
  await makeOnce(exported, `ONNX of ${model.identity.name} for transformers.js (with PyTorch, which takes gigabytes)`, note, async () => {
    const python = await ensurePythonPackages(EXPORTER, cacheDir, note);
    await run(python, [join(import.meta.dirname, 'export_whisper.py'), dirname(model.path('model.bin')), exported], { maxBuffer: 2 ** 26 });
  });
  await symlink(exported, join(folder, 'whisper'));
}
