import type { GpuActivities } from '../contracts/ingest.ts';
import { ChunksSchema, ContextsSchema, EmbeddingsSchema, type Embeddings, type SparseVector } from '../contracts/transcript.ts';
import type { Embedder, SparseEncoder } from '../inference/embedder.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import { toActivity, type ActivityRun } from './activity.ts';
import type { LoadableModel } from './loadable-model.ts';
import { toPassageTexts } from './passage-text.ts';
import { runStage } from './run-stage.ts';

const VERSION = 1;

/** Between batches the activity looks whether it was cancelled; sixteen passages take about a second on two cores. */
const BATCH = 16;

export interface EmbedDeps {
  artifacts: ArtifactStore;
  embedder: LoadableModel<Embedder>;
  sparseEncoder: LoadableModel<SparseEncoder>;
}

/** Dense and sparse vectors of every chunk, with its context where there is one. */
export function createEmbedActivity(deps: EmbedDeps): GpuActivities['embed'] {
  return toActivity(async ({ tenantId, lectureId, chunks, contexts }, run) => {
    const [dense, sparse] = await Promise.all([deps.embedder.identity(), deps.sparseEncoder.identity()]);
    const { artifact, reused } = await runStage<Embeddings>(deps.artifacts, run.signal, {
      id: {
        tenantId,
        lectureId,
        stage: 'embed',
        version: VERSION,
        inputs: [chunks.digest, ...(contexts === null ? [] : [contexts.digest])],
        model: dense,
        options: { sparse },
      },
      schema: EmbeddingsSchema,
      async compute() {
        const passages = await deps.artifacts.read(chunks, ChunksSchema);
        const situated = contexts === null ? null : await deps.artifacts.read(contexts, ContextsSchema);
        const [embedder, sparseEncoder] = await Promise.all([deps.embedder.load(), deps.sparseEncoder.load()]);
        return embedTexts(toPassageTexts(passages.chunks, situated), embedder, sparseEncoder, run);
      },
    });
    return { artifact, reused };
  });
}

async function embedTexts(
  texts: readonly string[],
  embedder: Embedder,
  sparseEncoder: SparseEncoder,
  run: ActivityRun,
): Promise<Embeddings> {
  const dense: string[] = [];
  const sparse: SparseVector[] = [];
  for (let start = 0; start < texts.length; start += BATCH) {
    run.signal.throwIfAborted();
    const batch = texts.slice(start, start + BATCH);
    dense.push(...(await embedder.embed(batch, run.signal)).map(toBase64));
    sparse.push(...(await sparseEncoder.encode(batch, run.signal)));
    run.progress({ doneChunks: dense.length, totalChunks: texts.length });
  }
  return { denseModel: embedder.model.name, sparseModel: sparseEncoder.model.name, dimensions: embedder.dimensions, dense, sparse };
}

/** Little-endian float32, as the artifact's schema says. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
