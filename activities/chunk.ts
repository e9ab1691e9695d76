import { toArtifactRef } from '../contracts/head-revision.ts';
import type { ArtifactRef, CpuActivities, StageContext } from '../contracts/ingest.ts';
import { ChunksSchema, TranscriptSchema, type Chunk, type Chunks } from '../contracts/transcript.ts';
import type { ArtifactId, ArtifactStore } from '../storage/artifacts.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { chunkTranscript, type TokenCounter } from '../transcript/chunk.ts';
import { toActivity } from './activity.ts';
import { readUnlessGone } from './read-unless-gone.ts';
import { runStage } from './run-stage.ts';

const VERSION = 2;

export interface ChunkDeps {
  artifacts: ArtifactStore;
  lectures: LectureStore;
  /** The embedder's tokenizer: it measures the chunks that the embedder will read. */
  tokenizer(): Promise<TokenCounter>;
}

/** The transcript as passages of the index. Those of an earlier revision stay where an edit has not touched them. */
export function createChunkActivity(deps: ChunkDeps): CpuActivities['chunk'] {
  return toActivity(async ({ tenantId, lectureId, transcript }, run) => {
    const tokenizer = await deps.tokenizer();
    const idOf = (keptFrom: ArtifactRef | null): ArtifactId => ({
      tenantId,
      lectureId,
      stage: 'chunk',
      version: VERSION,
      inputs: [transcript.digest, ...(keptFrom === null ? [] : [keptFrom.digest])],
      options: { tokenizer: tokenizer.name },
    });
    const keptFrom = await findPassagesToKeep(deps, { tenantId, lectureId }, transcript, deps.artifacts.ref(idOf(null)));
    const { value, ...result } = await runStage<Chunks>(deps.artifacts, run.signal, {
      id: idOf(keptFrom),
      schema: ChunksSchema,
      async compute() {
        const words = await deps.artifacts.read(transcript, TranscriptSchema);
        if (keptFrom === null) return chunkTranscript(words, tokenizer);
        const keep = await readPassages(deps.artifacts, keptFrom, tokenizer.name);
        return { ...chunkTranscript(words, tokenizer, { keep }), edited: { transcript: transcript.digest, version: VERSION, keptFrom } };
      },
    });
    return { ...result, chunks: value.chunks.length };
  });
}

/**
 * The passages that the index has of an edited lecture. Those of this very transcript were themselves kept from others: then from the
 * same again, so that the same transcript has the same passages, whoever asks.
 */
async function findPassagesToKeep(
  { artifacts, lectures }: Pick<ChunkDeps, 'artifacts' | 'lectures'>,
  { tenantId, lectureId }: StageContext,
  transcript: ArtifactRef,
  cutAnew: ArtifactRef,
): Promise<ArtifactRef | null> {
  const lecture = await lectures.get(tenantId, lectureId);
  const key = lecture?.artifacts.chunks;
  if (lecture?.revision === undefined || key === undefined || key === cutAnew.key) return null;
  const current = await readUnlessGone(artifacts, { key }, ChunksSchema);
  if (current === undefined || (current.edited?.version ?? VERSION) !== VERSION) return null;
  return current.edited?.transcript === transcript.digest ? current.edited.keptFrom : toArtifactRef(key);
}

async function readPassages(artifacts: ArtifactStore, ref: ArtifactRef, tokenizer: string): Promise<readonly Chunk[]> {
  const kept = await readUnlessGone(artifacts, ref, ChunksSchema);
  // Passages that another tokenizer has measured may be too long for this embedder.
  return kept?.tokenizer === tokenizer ? kept.chunks : [];
}
