import type { AlignResult, ArtifactRef, CpuActivities, StageContext } from '../contracts/ingest.ts';
import { DiarizationSchema, TranscriptionSchema, TranscriptSchema, type Transcript } from '../contracts/transcript.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { alignSpeakers } from '../transcript/align.ts';
import { toActivity, type ActivityRun } from './activity.ts';
import { keepEdits } from './keep-edits.ts';
import { runStage } from './run-stage.ts';

const VERSION = 2;

export interface AlignDeps {
  artifacts: ArtifactStore;
  lectures: Pick<LectureStore, 'get'>;
}

/** Words and speakers as turns: the transcript that people read; where people have edited it, with their edits. */
export function createAlignActivity(deps: AlignDeps): CpuActivities['align'] {
  return toActivity(async (input, run): Promise<AlignResult> => {
    const heard = await alignHeard(deps, input, run);
    return keepEdits(deps, input, heard, run.signal);
  });
}

async function alignHeard(
  { artifacts }: Pick<AlignDeps, 'artifacts'>,
  { tenantId, lectureId, transcription, diarization }: StageContext & { transcription: ArtifactRef; diarization: ArtifactRef | null },
  { signal }: Pick<ActivityRun, 'signal'>,
): Promise<{ artifact: ArtifactRef; reused: boolean; value: Transcript }> {
  return runStage<Transcript>(artifacts, signal, {
    id: {
      tenantId,
      lectureId,
      stage: 'align',
      version: VERSION,
      inputs: [transcription.digest, ...(diarization === null ? [] : [diarization.digest])],
    },
    schema: TranscriptSchema,
    async compute() {
      const words = await artifacts.read(transcription, TranscriptionSchema);
      const speakers = diarization === null ? null : await artifacts.read(diarization, DiarizationSchema);
      return alignSpeakers(words, speakers);
    },
  });
}
