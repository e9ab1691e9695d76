import { setTimeout as sleep } from 'node:timers/promises';
import type { ZodType } from 'zod';
import { LecternError } from '../contracts/errors.ts';
import type { ArtifactRef, StageResult } from '../contracts/ingest.ts';
import type { ArtifactId, ArtifactStore } from '../storage/artifacts.ts';

export interface Stage<Value> {
  /** All that the result depends on: it names the artifact. */
  id: ArtifactId;
  schema: ZodType<Value>;
  compute(artifact: ArtifactRef): Promise<Value>;
}

/** Of waiting for a store that is away while a result is in hand: within the five minutes that the shortest stages may take. */
const PATIENCE_MS = 180_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Having the artifact is having done the stage: it is computed and written only where it is not there. An activity that was given
 * up while it computed writes nothing: its lecture may be deleted by now.
 */
export async function runStage<Value>(
  artifacts: ArtifactStore,
  signal: AbortSignal,
  stage: Stage<Value>,
): Promise<StageResult & { value: Value }> {
  const artifact = artifacts.ref(stage.id);
  if (await artifacts.has(artifact)) return { artifact, reused: true, value: await artifacts.read(artifact, stage.schema) };
  const value = await stage.compute(artifact);
  await writePatiently(artifacts, signal, artifact, value);
  return { artifact, reused: false, value };
}

/** What took minutes to compute is not thrown away because the store is away for seconds. */
async function writePatiently(artifacts: ArtifactStore, signal: AbortSignal, artifact: ArtifactRef, value: unknown): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      await artifacts.write(artifact, value);
      return;
    } catch (error) {
      const isAway = error instanceof LecternError && error.kind === 'unavailable';
      if (!isAway || performance.now() > deadline) throw error;
    }
    await sleep(pauseMs, undefined, { signal });
  }
}
