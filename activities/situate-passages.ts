import { setTimeout as sleep } from 'node:timers/promises';
import { toLecternError } from '../contracts/errors.ts';
import { ContextsSchema, type Contexts } from '../contracts/transcript.ts';
import type { Contextualizer, LectureOutline, PassageToSituate } from '../inference/contextualizer.ts';
import type { ArtifactId, ArtifactStore } from '../storage/artifacts.ts';
import type { ActivityRun } from './activity.ts';
import { runStage } from './run-stage.ts';

/** What the sentences of one lecture may cost. */
export interface ContextBudget {
  /** Of one attempt; what it leaves undone a later one goes on with. */
  seconds: number;
  /** Read and written, all attempts together, by estimate. */
  tokens: number;
}

export interface SituateDeps {
  artifacts: ArtifactStore;
  contextualizer: Contextualizer;
  budget: ContextBudget;
}

interface Situated {
  /** By ordinal, as far as they came. */
  contexts: (string | null)[];
  /** Why these are not all; absent when they are. */
  shortfall?: string;
}

/** A server that restarts is back within these waits; one that is gone shall not hold up a lecture. */
const RETRY_WAITS_MS = [1_000, 5_000];

/**
 * Sentences of a language model for the passages of a lecture, batch by batch. Every batch is kept, named by all that it depends on: an
 * attempt that died, ran out of time or lost its server is gone on with. Never fails for the model's sake: says what is missing.
 */
export async function situatePassages(
  { artifacts, contextualizer, budget }: SituateDeps,
  lecture: { id: ArtifactId; outline: LectureOutline; passages: readonly PassageToSituate[] },
  run: ActivityRun,
): Promise<Situated> {
  const { id, outline, passages } = lecture;
  const { batchSize, name: model } = contextualizer;
  const deadline = performance.now() + budget.seconds * 1_000;
  const contexts: (string | null)[] = [];
  let tokens = 0;
  while (contexts.length < passages.length) {
    const from = contexts.length;
    const batch = passages.slice(from, from + batchSize);
    tokens += contextualizer.estimateTokens(outline, batch);
    if (tokens > budget.tokens) return { contexts, shortfall: `its budget of ${budget.tokens} tokens is spent` };
    try {
      const { value } = await runStage<Contexts>(artifacts, run.signal, {
        id: { ...id, stage: 'contextualizeBatch', options: { of: id.options, from, batchSize } },
        schema: ContextsSchema,
        async compute() {
          if (performance.now() > deadline) throw new Shortfall(`its budget of ${budget.seconds} s is spent`);
          return { model, contexts: await situatePatiently(contextualizer, outline, batch, run.signal) };
        },
      });
      contexts.push(...value.contexts);
    } catch (error) {
      // What the stores fail with is worth another attempt.
      if (error instanceof Shortfall) return { contexts, shortfall: error.message };
      throw error;
    }
    run.progress({ doneChunks: contexts.length, totalChunks: passages.length });
  }
  return { contexts };
}

async function situatePatiently(
  contextualizer: Contextualizer,
  outline: LectureOutline,
  batch: readonly PassageToSituate[],
  signal: AbortSignal,
): Promise<(string | null)[]> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await contextualizer.situate(outline, batch, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { kind, message } = toLecternError(error);
      const waitMs = RETRY_WAITS_MS[attempt];
      if (waitMs === undefined || (kind !== 'unavailable' && kind !== 'rate-limited')) throw new Shortfall(message);
      await sleep(waitMs, undefined, { signal });
    }
  }
}

/** Why the rest goes without a sentence. */
class Shortfall extends Error {}
