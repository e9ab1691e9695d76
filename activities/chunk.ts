import type { CpuActivities } from '../contracts/ingest.ts';
import { ChunksSchema, TranscriptSchema, type Chunks } from '../contracts/transcript.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import { chunkTranscript, type TokenCounter } from '../transcript/chunk.ts';
import { toActivity } from './activity.ts';
import { runStage } from './run-stage.ts';

const VERSION = 2;

export interface ChunkDeps {
  artifacts: ArtifactStore;
  /** The embedder's tokenizer: it measures the chunks that the embedder will read. */
  tokenizer(): Promise<TokenCounter>;
}

/** The transcript as passages of the index. */
export function createChunkActivity(deps: ChunkDeps): CpuActivities['chunk'] {
  return toActivity(async ({ tenantId, lectureId, transcript }, run) => {
    const tokenizer = await deps.tokenizer();
    const { value, ...result } = await runStage<Chunks>(deps.artifacts, run.signal, {
      id: { tenantId, lectureId, stage: 'chunk', version: VERSION, inputs: [transcript.digest], options: { tokenizer: tokenizer.name } },
      schema: ChunksSchema,
      compute: async () => chunkTranscript(await deps.artifacts.read(transcript, TranscriptSchema), tokenizer),
    });
    return { ...result, chunks: value.chunks.length };
  });
}
