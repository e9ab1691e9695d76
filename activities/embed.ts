import { createHash } from 'node:crypto';
import type { GpuActivities, StageContext } from '../contracts/ingest.ts';
import { ChunksSchema, ContextsSchema, EmbeddingsSchema, type Embeddings, type SparseVector } from '../contracts/transcript.ts';
import type { Embedder, SparseEncoder } from '../inference/embedder.ts';
import type { ModelIdentity } from '../inference/model-identity.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { toActivity, type ActivityRun } from './activity.ts';
import type { LoadableModel } from './loadable-model.ts';
import { toPassageTexts } from './passage-text.ts';
import { readUnlessGone } from './read-unless-gone.ts';
import { runStage } from './run-stage.ts';

const VERSION = 1;

/** Between batches the activity looks whether it was cancelled; sixteen passages take about a second on two cores. */
const BATCH = 16;

export interface EmbedDeps {
  artifacts: ArtifactStore;
  lectures: LectureStore;
  embedder: LoadableModel<Embedder>;
  sparseEncoder: LoadableModel<SparseEncoder>;
}

type Models = Pick<Embeddings, 'denseModel' | 'sparseModel' | 'dimensions'>;

/** A passage's vectors as the artifact holds them. */
interface Vectors {
  dense: string;
  sparse: SparseVector;
}

/**
 * Dense and sparse vectors of every chunk, with its context where there is one. What the lecture's published passages say already has
 * its vectors: after an edit only the passages that it touches are embedded.
 */
export function createEmbedActivity(deps: EmbedDeps): GpuActivities['embed'] {
  return toActivity(async ({ tenantId, lectureId, chunks, contexts }, run) => {
    const [dense, sparse] = await Promise.all([deps.embedder.identity(), deps.sparseEncoder.identity()]);
    let embedded = 0;
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
        const texts = toPassageTexts(passages.chunks, situated);
        const digests = texts.map((text) => digestOf(text, dense, sparse));
        const published = await readPublished(deps, { tenantId, lectureId });
        const known = vectorsOf(published);
        const missing = new Map(digests.map((digest, index) => [digest, texts[index]!] as const).filter(([digest]) => !known.has(digest)));
        embedded = missing.size;
        let models: Models | undefined = published;
        if (models === undefined || missing.size > 0) {
          const [embedder, sparseEncoder] = await Promise.all([deps.embedder.load(), deps.sparseEncoder.load()]);
          for (const [digest, vectors] of await embedTexts(missing, embedder, sparseEncoder, run)) known.set(digest, vectors);
          models = { denseModel: embedder.model.name, sparseModel: sparseEncoder.model.name, dimensions: embedder.dimensions };
        }
        const { denseModel, sparseModel, dimensions } = models;
        const vectors = digests.map((digest) => known.get(digest)!);
        return {
          denseModel,
          sparseModel,
          dimensions,
          dense: vectors.map((each) => each.dense),
          sparse: vectors.map((each) => each.sparse),
          passages: digests,
        };
      },
    });
    return { artifact, reused, embedded };
  });
}

/** Of the text and all that its vectors depend on. */
function digestOf(text: string, dense: ModelIdentity, sparse: ModelIdentity): string {
  return createHash('sha256')
    .update(JSON.stringify([VERSION, dense, sparse, text]))
    .digest('hex');
}

/** What the lecture's passages have now. */
async function readPublished(
  { artifacts, lectures }: Pick<EmbedDeps, 'artifacts' | 'lectures'>,
  { tenantId, lectureId }: StageContext,
): Promise<Embeddings | undefined> {
  const key = (await lectures.get(tenantId, lectureId))?.artifacts.embeddings;
  return key === undefined ? undefined : readUnlessGone(artifacts, { key }, EmbeddingsSchema);
}

/** By digest. */
function vectorsOf(published: Embeddings | undefined): Map<string, Vectors> {
  const { passages = [], dense = [], sparse = [] } = published ?? {};
  return new Map(passages.map((digest, index) => [digest, { dense: dense[index]!, sparse: sparse[index]! }]));
}

/** `texts` by their digests. */
async function embedTexts(
  texts: ReadonlyMap<string, string>,
  embedder: Embedder,
  sparseEncoder: SparseEncoder,
  run: ActivityRun,
): Promise<Map<string, Vectors>> {
  const waiting = [...texts];
  const made = new Map<string, Vectors>();
  for (let start = 0; start < waiting.length; start += BATCH) {
    run.signal.throwIfAborted();
    const batch = waiting.slice(start, start + BATCH);
    const own = batch.map(([, text]) => text);
    const dense = await embedder.embed(own, run.signal);
    const sparse = await sparseEncoder.encode(own, run.signal);
    for (const [index, [digest]] of batch.entries()) made.set(digest, { dense: toBase64(dense[index]!), sparse: sparse[index]! });
    run.progress({ doneChunks: made.size, totalChunks: waiting.length });
  }
  return made;
}

/** Little-endian float32, as the artifact's schema says. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
