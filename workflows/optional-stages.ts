import { isCancellation } from '@temporalio/workflow';
import type { ArtifactRef, ContextualizeResult, DiarizeResult, IngestInput, StageContext } from '../contracts/ingest.ts';
import { toIngestFailure } from './ingest-failure.ts';
import type { ProgressOfIngest } from './ingest-progress.ts';
import { contextualize, diarize } from './retry-policies.ts';

// Degrade, don't discard: what these stages cannot give is noted on the lecture and can be made up later.

/** Without speakers a lecture can still be searched: its words then have unknown speakers. */
export async function diarizeOrDegrade(
  context: StageContext,
  prepared: ArtifactRef,
  options: IngestInput['options'],
  progress: ProgressOfIngest,
): Promise<DiarizeResult | null> {
  try {
    return await progress.run('diarize', () => diarize({ ...context, prepared, speakers: options.speakers ?? null }));
  } catch (error) {
    if (isCancellation(error)) throw error;
    progress.degrade('diarize', toIngestFailure(error, 'diarize').message);
    return null;
  }
}

/** Without a language model chunks are situated by headers; without either they are searched by their own words alone. */
export async function contextualizeOrDegrade(
  context: StageContext,
  transcript: ArtifactRef,
  chunks: ArtifactRef,
  progress: ProgressOfIngest,
): Promise<ArtifactRef | null> {
  let contexts: ContextualizeResult;
  try {
    contexts = await progress.run('contextualize', () => contextualize({ ...context, transcript, chunks }));
  } catch (error) {
    if (isCancellation(error)) throw error;
    progress.degrade('contextualize', toIngestFailure(error, 'contextualize').message);
    return null;
  }
  if (!contexts.contextualized) progress.degrade('contextualize', contexts.degradation ?? 'no language model configured');
  return contexts.artifact;
}
