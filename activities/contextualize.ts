import type { CpuActivities } from '../contracts/ingest.ts';
import { ChunksSchema, ContextsSchema, type Contexts } from '../contracts/transcript.ts';
import type { Contextualizer } from '../inference/contextualizer.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { toActivity } from './activity.ts';
import { runStage } from './run-stage.ts';

const VERSION = 1;

export interface ContextualizeDeps {
  artifacts: ArtifactStore;
  lectures: LectureStore;
  /** `null` where no language model is configured. */
  contextualizer: Contextualizer | null;
}

/** One sentence for each chunk that situates it in its lecture; without a language model, an artifact that says so. */
export function createContextualizeActivity(deps: ContextualizeDeps): CpuActivities['contextualize'] {
  return toActivity(async ({ tenantId, lectureId, chunks }, run) => {
    const { contextualizer } = deps;
    const title = contextualizer === null ? undefined : (await deps.lectures.get(tenantId, lectureId))?.metadata.title;
    const named = title === undefined ? {} : { title };
    const { value, ...result } = await runStage<Contexts>(deps.artifacts, run.signal, {
      id: {
        tenantId,
        lectureId,
        stage: 'contextualize',
        version: VERSION,
        inputs: [chunks.digest],
        options: { contextualizer: contextualizer?.name ?? null, ...named },
      },
      schema: ContextsSchema,
      async compute() {
        const passages = await deps.artifacts.read(chunks, ChunksSchema);
        const totalChunks = passages.chunks.length;
        if (contextualizer === null) return { model: null, contexts: passages.chunks.map(() => null) };
        return contextualizer.contextualize(
          { chunks: passages.chunks, ...named },
          { signal: run.signal, onProgress: (doneChunks) => run.progress({ doneChunks, totalChunks }) },
        );
      },
    });
    return { ...result, contextualized: value.model !== null };
  });
}
