import type { CpuActivities } from '../contracts/ingest.ts';
import { DiarizationSchema, TranscriptionSchema, TranscriptSchema, type Transcript } from '../contracts/transcript.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import { alignSpeakers } from '../transcript/align.ts';
import { toActivity } from './activity.ts';
import { runStage } from './run-stage.ts';

const VERSION = 2;

/** Words and speakers as turns: the transcript that people read. */
export function createAlignActivity(deps: { artifacts: ArtifactStore }): CpuActivities['align'] {
  return toActivity(async ({ tenantId, lectureId, transcription, diarization }, run) => {
    const inputs = [transcription.digest, ...(diarization === null ? [] : [diarization.digest])];
    const { artifact, reused } = await runStage<Transcript>(deps.artifacts, run.signal, {
      id: { tenantId, lectureId, stage: 'align', version: VERSION, inputs },
      schema: TranscriptSchema,
      async compute() {
        const heard = await deps.artifacts.read(transcription, TranscriptionSchema);
        const speakers = diarization === null ? null : await deps.artifacts.read(diarization, DiarizationSchema);
        return alignSpeakers(heard, speakers);
      },
    });
    return { artifact, reused };
  });
}
