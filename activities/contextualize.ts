import type { CpuActivities } from '../contracts/ingest.ts';
import { ChunksSchema, ContextsSchema, TranscriptSchema, type Contexts } from '../contracts/transcript.ts';
import type { Contextualizer } from '../inference/contextualizer.ts';
import type { ArtifactId, ArtifactStore } from '../storage/artifacts.ts';
import type { LectureStore } from '../storage/lectures.ts';
import type { TenantSettingsStore } from '../storage/tenant-settings.ts';
import { outlineLecture, type OutlinedLecture } from '../transcript/outline.ts';
import { toActivity } from './activity.ts';
import { runStage } from './run-stage.ts';
import { situatePassages, type ContextBudget } from './situate-passages.ts';

const VERSION = 3;

export interface ContextualizeDeps {
  artifacts: ArtifactStore;
  lectures: LectureStore;
  settings: Pick<TenantSettingsStore, 'get'>;
  /** `null` where no language model is configured. */
  contextualizer: Contextualizer | null;
  contextBudget: ContextBudget;
}

/**
 * What situates each chunk in its lecture: a header made of the lecture's own words; or, for a tenant that has chosen so, a sentence
 * by a language model. Where that one comes to nothing or not far enough, the header stands in, and the result says why.
 */
export function createContextualizeActivity(deps: ContextualizeDeps): CpuActivities['contextualize'] {
  return toActivity(async ({ tenantId, lectureId, transcript, chunks }, run) => {
    const title = (await deps.lectures.get(tenantId, lectureId))?.metadata.title;
    const isWanted = (await deps.settings.get(tenantId)).languageModelContexts;
    const contextualizer = isWanted ? deps.contextualizer : null;
    const id: ArtifactId = {
      tenantId,
      lectureId,
      stage: 'contextualize',
      version: VERSION,
      inputs: [transcript.digest, chunks.digest],
      options: { contextualizer: contextualizer?.name ?? null, title: title ?? null },
    };
    const keep = async (named: ArtifactId, compute: () => Promise<Contexts>) => {
      const { artifact, reused } = await runStage(deps.artifacts, run.signal, { id: named, schema: ContextsSchema, compute });
      return { artifact, reused };
    };
    const readLecture = async (): Promise<OutlinedLecture> =>
      outlineLecture({
        title,
        transcript: await deps.artifacts.read(transcript, TranscriptSchema),
        chunks: (await deps.artifacts.read(chunks, ChunksSchema)).chunks,
      });

    if (contextualizer === null) {
      const kept = await keep(id, async () => ({ model: null, contexts: (await readLecture()).headers }));
      if (deps.contextualizer !== null) return { ...kept, contextualized: true };
      return { ...kept, contextualized: false, degradation: 'no language model configured' };
    }
    const whole = deps.artifacts.ref(id);
    if (await deps.artifacts.has(whole)) return { artifact: whole, reused: true, contextualized: true };
    const { headers, ...lecture } = await readLecture();
    const { contexts, shortfall } = await situatePassages(
      { artifacts: deps.artifacts, contextualizer, budget: deps.contextBudget },
      { ...lecture, id },
      run,
    );
    const model = contexts.length === 0 ? null : contextualizer.name;
    const compute = async (): Promise<Contexts> => ({ model, contexts: headers.map((header, ordinal) => contexts[ordinal] ?? header) });
    if (shortfall === undefined) return { ...(await keep(id, compute)), contextualized: true };
    // Named by how far it came, so that the next run goes on instead of taking it for all.
    const kept = await keep({ ...id, options: { of: id.options, situated: contexts.length } }, compute);
    const degradation = `a language model situated ${contexts.length} of ${headers.length} passages, headers the rest: ${shortfall}`;
    return { ...kept, contextualized: false, degradation };
  });
}
