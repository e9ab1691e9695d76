import type { AlignResult, ArtifactRef, ChunkResult, EmbedResult, IndexResult, StageContext } from '../contracts/ingest.ts';
import { generationOf } from '../contracts/stages.ts';
import type { ProgressOfIngest } from './ingest-progress.ts';
import { contextualizeOrDegrade } from './optional-stages.ts';
import { align, chunk, embed, index } from './retry-policies.ts';

interface IndexedTranscript {
  transcript: AlignResult;
  chunks: ChunkResult;
  embeddings: EmbedResult;
  indexed: IndexResult;
}

/** Edits that come faster than their lecture can be indexed are no editor's: then the run fails, and the edits publish themselves. */
const MAX_ROUNDS = 20;

/**
 * From words and speakers to a generation that readers see. Where people edit the transcript while that is under way, once more
 * from their newest revision: what they wrote is never lost to what the machine heard.
 */
export async function indexTranscript(
  context: StageContext,
  heard: { transcription: ArtifactRef; diarization: ArtifactRef | null },
  progress: ProgressOfIngest,
  written: { generation?: string },
): Promise<IndexedTranscript> {
  for (let round = 1; ; round++) {
    const transcript = await progress.run('align', () => align({ ...context, ...heard }));
    const lost = transcript.basis?.carried?.lost ?? 0;
    if (lost > 0) progress.degrade('align', `${lost} edits found no place in the new transcript: the revision before it holds them`);
    const chunks = await progress.run('chunk', () => chunk({ ...context, transcript: transcript.artifact }));
    const contexts = await contextualizeOrDegrade(context, transcript.artifact, chunks.artifact, progress);
    const embeddings = await progress.run('embed', () => embed({ ...context, chunks: chunks.artifact, contexts }));

    written.generation = generationOf(embeddings.artifact);
    const { basis, artifact } = transcript;
    const made = { chunks: chunks.artifact, contexts, embeddings: embeddings.artifact, transcript: artifact };
    const indexed = await progress.run('index', () => index({ ...context, ...made, ...(basis === undefined ? {} : { basis }) }));
    if (indexed.superseded !== true || round === MAX_ROUNDS) return { transcript, chunks, embeddings, indexed };
  }
}
