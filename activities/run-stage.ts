import type { ZodType } from 'zod';
import type { ArtifactRef, StageResult } from '../contracts/ingest.ts';
import type { ArtifactId, ArtifactStore } from '../storage/artifacts.ts';
import { whileAway } from './while-away.ts';

export interface Stage<Value> {
  /** All that the result depends on: it names the artifact. */
  id: ArtifactId;
  schema: ZodType<Value>;
  compute(artifact: ArtifactRef): Promise<Value>;
}

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
  await whileAway(() => artifacts.write(artifact, value), signal);
  return { artifact, reused: false, value };
}
