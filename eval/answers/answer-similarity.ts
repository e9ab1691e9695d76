import type { Config } from '../../contracts/config.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { openEmbedder } from '../../inference/text/onnx-embedder.ts';
import { dot } from '../../retrieval/dot.ts';

/** Mean cosine of pairs of texts by the default embedder; `null` for no pair. */
export async function measureSimilarity(
  pairs: readonly (readonly [string, string])[],
  config: Config,
  note: (line: string) => void,
): Promise<number | null> {
  if (pairs.length === 0) return null;
  const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: note });
  const [model, tokenizer] = [await store.ensure('minilm-l6-int8'), await store.ensure('splade-tiny')];
  const embedder = await openEmbedder({ model, tokenizer, threads: config.LECTERN_THREADS ?? 1 });
  try {
    const vectors = await embedder.embed(pairs.flat());
    const cosines = pairs.map((_, index) => dot(vectors[2 * index]!, vectors[2 * index + 1]!));
    return cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  } finally {
    await embedder.close();
  }
}
