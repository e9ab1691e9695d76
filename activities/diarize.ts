import type { GpuActivities } from '../contracts/ingest.ts';
import { PreparedMediaSchema, SAMPLE_RATE } from '../contracts/media.ts';
import { DiarizationSchema, type Diarization } from '../contracts/transcript.ts';
import type { Diarizer } from '../inference/diarizer.ts';
import type { PcmSource } from '../inference/pcm-source.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import { toActivity } from './activity.ts';
import type { LoadableModel } from './loadable-model.ts';
import { runStage } from './run-stage.ts';

const VERSION = 1;

export interface DiarizeDeps {
  artifacts: ArtifactStore;
  openAudio(key: string): Promise<PcmSource>;
  diarizer: LoadableModel<Diarizer>;
}

/** Who spoke when. */
export function createDiarizeActivity(deps: DiarizeDeps): GpuActivities['diarize'] {
  return toActivity(async ({ tenantId, lectureId, prepared, speakers }, run) => {
    const { value, ...result } = await runStage<Diarization>(deps.artifacts, run.signal, {
      id: {
        tenantId,
        lectureId,
        stage: 'diarize',
        version: VERSION,
        inputs: [prepared.digest],
        model: await deps.diarizer.identity(),
        options: { speakers: speakers ?? null },
      },
      schema: DiarizationSchema,
      async compute() {
        const { audioKey } = await deps.artifacts.read(prepared, PreparedMediaSchema);
        const audio = await deps.openAudio(audioKey);
        const diarizer = await deps.diarizer.load();
        const totalSeconds = audio.totalSamples / SAMPLE_RATE;
        return diarizer.diarize(audio, {
          ...(speakers ? { speakers } : {}),
          signal: run.signal,
          onProgress: (doneSeconds) => run.progress({ doneSeconds, totalSeconds }),
        });
      },
    });
    return { ...result, speakers: value.speakers.length };
  });
}
