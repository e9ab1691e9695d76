import { CancellationScope, defineQuery, isCancellation, setHandler } from '@temporalio/workflow';
import type { IngestInput, IngestOutcome, IngestProgress, IngestResult, StageContext } from '../contracts/ingest.ts';
import { PROGRESS_QUERY, STAGE_READY, type Stage } from '../contracts/stages.ts';
import { toIngestFailure, toWorkflowFailure } from './ingest-failure.ts';
import { createIngestProgress, type ProgressOfIngest } from './ingest-progress.ts';
import { indexTranscript } from './index-transcript.ts';
import { diarizeOrDegrade } from './optional-stages.ts';
import { detectSpeech, prepare, recordOutcome } from './retry-policies.ts';
import { settleRun } from './settle-run.ts';
import { sideBySide } from './side-by-side.ts';
import { transcribe } from './transcribe-pieces.ts';

const progressQuery = defineQuery<IngestProgress>(PROGRESS_QUERY);

/**
 * The way of a lecture from its recording to an index generation that readers see: the table of contents of Lectern. Every stage
 * leaves an artifact named by its inputs, so a stage whose artifact is there costs one look. Diarization and context are
 * made do without when they fail; any other stage that runs out of attempts fails the run, typed and with its name.
 */
export async function ingestLecture(input: IngestInput): Promise<IngestResult> {
  const progress = createIngestProgress();
  setHandler(progressQuery, () => progress.snapshot());
  const context: StageContext = { tenantId: input.tenantId, lectureId: input.lectureId };
  const written: { generation?: string } = {};
  try {
    return await wayOfLecture(input, context, progress, written);
  } catch (error) {
    await CancellationScope.nonCancellable(() => settleRun(error, context, progress, written.generation));
    throw isCancellation(error) ? error : toWorkflowFailure(toIngestFailure(error, progress.failedStage()));
  }
}

async function wayOfLecture(
  input: IngestInput,
  context: StageContext,
  progress: ProgressOfIngest,
  written: { generation?: string },
): Promise<IngestResult> {
  const prepared = await progress.run('prepare', () => prepare({ ...context, media: input.media }));
  const plan = await progress.run('detectSpeech', () => detectSpeech({ ...context, prepared: prepared.artifact }));
  const silent = plan.pieces.length === 0;
  if (silent) progress.degrade('detectSpeech', 'no speech was found in this recording');

  const [transcription, diarization] = await sideBySide([
    () => progress.run('transcribe', () => transcribe(context, prepared.artifact, plan, input, progress)),
    () => (silent ? Promise.resolve(null) : diarizeOrDegrade(context, prepared.artifact, input.options, progress)),
  ]);
  for (const reason of transcription.degradations ?? []) progress.degrade('transcribe', reason);
  if (!silent && transcription.words === 0) progress.degrade('transcribe', 'no words were recognised in this recording');

  const heard = { transcription: transcription.artifact, diarization: diarization?.artifact ?? null };
  const { transcript, chunks, embeddings, indexed } = await indexTranscript(context, heard, progress, written);

  const { stages, degraded } = progress.snapshot();
  const outcome: IngestOutcome = {
    state: 'ready',
    generation: indexed.generation,
    durationSeconds: prepared.durationSeconds,
    language: transcription.language,
    transcribedBy: transcription.models ?? [],
    artifacts: {
      prepared: prepared.artifact.key,
      transcript: transcript.artifact.key,
      ...(diarization === null ? {} : { diarization: diarization.artifact.key }),
      ...(diarization?.voices === undefined ? {} : { voices: diarization.voices.key }),
      chunks: chunks.artifact.key,
      embeddings: embeddings.artifact.key,
    },
    ...(indexed.revision === undefined ? {} : { revision: indexed.revision }),
    degraded,
  };
  // Readers see the generation by now: the document must say so, even to someone who cancels at this moment.
  await CancellationScope.nonCancellable(() => recordOutcome({ ...context, outcome }));
  progress.mark(STAGE_READY);

  const named = (...states: string[]): Stage[] => stages.filter(({ state }) => states.includes(state)).map(({ stage }) => stage);
  return {
    lectureId: input.lectureId,
    generation: indexed.generation,
    chunks: indexed.chunks,
    language: transcription.language,
    speakers: diarization?.speakers ?? null,
    degraded,
    reused: named('reused'),
    computed: named('done'),
  };
}
