import { parseConfig } from '../../contracts/config.ts';
import { openDiarizer } from '../../inference/diarization/onnx-diarizer.ts';
import type { Diarizer } from '../../inference/diarizer.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';

/** The diarizer that the worker runs, on two threads. */
export async function openDefaultDiarizer(): Promise<Diarizer> {
  const config = parseConfig(process.env);
  const store = await openModelStore(toModelStoreOptions(config));
  const models = {
    segmentation: await store.ensure('segmentation-3.0'),
    campplus: await store.ensure('campplus'),
    silero: await store.ensure('silero-vad'),
  };
  return openDiarizer({ models, cacheDir: config.LECTERN_CACHE, threads: 2 });
}
