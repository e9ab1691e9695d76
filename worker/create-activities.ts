import { createAlignActivity } from '../activities/align.ts';
import { createChunkActivity, type ChunkDeps } from '../activities/chunk.ts';
import { createContextualizeActivity, type ContextualizeDeps } from '../activities/contextualize.ts';
import { createDetectSpeechActivity, type DetectSpeechDeps } from '../activities/detect-speech.ts';
import { createDiarizeActivity, type DiarizeDeps } from '../activities/diarize.ts';
import { createDiscardGenerationActivity } from '../activities/discard-generation.ts';
import { createEmbedActivity, type EmbedDeps } from '../activities/embed.ts';
import { createIndexActivity, type IndexLectureDeps } from '../activities/index-lecture.ts';
import { createJoinTranscriptionActivity } from '../activities/join-transcription.ts';
import { createPrepareActivity, type PrepareDeps } from '../activities/prepare.ts';
import { createPublishActivities } from '../activities/publish-edits.ts';
import { createRecordOutcomeActivity } from '../activities/record-outcome.ts';
import { createTranscribePieceActivity, type TranscribePieceDeps } from '../activities/transcribe-piece.ts';
import type { EraseActivities } from '../contracts/erase-workflow.ts';
import type { CpuActivities, GpuActivities } from '../contracts/ingest.ts';
import type { PublishActivities } from '../contracts/publish-workflow.ts';
import type { RetryActivities } from '../contracts/retry-workflow.ts';
import { createRevisionStore } from '../storage/revisions.ts';
import { wireRetryActivities } from './create-retry-activities.ts';
import { wireEraseActivities } from './create-erase-activities.ts';

export type CpuDeps = PrepareDeps & ChunkDeps & ContextualizeDeps & IndexLectureDeps;
export type GpuDeps = DetectSpeechDeps & TranscribePieceDeps & DiarizeDeps & EmbedDeps;

export function createCpuActivities(deps: CpuDeps): CpuActivities & EraseActivities & PublishActivities & RetryActivities {
  return {
    prepare: createPrepareActivity(deps),
    joinTranscription: createJoinTranscriptionActivity(deps),
    align: createAlignActivity(deps),
    chunk: createChunkActivity(deps),
    contextualize: createContextualizeActivity(deps),
    index: createIndexActivity({ ...deps, revisions: createRevisionStore(deps) }),
    recordOutcome: createRecordOutcomeActivity(deps),
    discardGeneration: createDiscardGenerationActivity(deps),
    ...createPublishActivities(deps),
    ...wireEraseActivities(deps),
    ...wireRetryActivities(deps),
  };
}

export function createGpuActivities(deps: GpuDeps): GpuActivities {
  return {
    detectSpeech: createDetectSpeechActivity(deps),
    transcribePiece: createTranscribePieceActivity(deps),
    diarize: createDiarizeActivity(deps),
    embed: createEmbedActivity(deps),
  };
}
