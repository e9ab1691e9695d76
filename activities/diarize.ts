import type { GpuActivities } from '../contracts/ingest.ts';
import { PreparedMediaSchema, SAMPLE_RATE, type PreparedMedia } from '../contracts/media.ts';
import { DiarizationSchema, type Diarization } from '../contracts/transcript.ts';
import type { PcmSource } from '../inference/pcm-source.ts';
import { toActivity } from './activity.ts';
import { keepVoices, type KeepVoicesDeps } from './keep-voices.ts';
import { runStage } from './run-stage.ts';
import { patientAudio } from './while-away.ts';

const VERSION = 2;

export interface DiarizeDeps extends KeepVoicesDeps {
  openAudio(key: string): Promise<PcmSource>;
}

/** Who spoke when; for a tenant that has opted in also how each speaker sounds. */
export function createDiarizeActivity(deps: DiarizeDeps): GpuActivities['diarize'] {
  return toActivity(async ({ tenantId, lectureId, prepared, speakers }, run) => {
    const readPrepared = (): Promise<PreparedMedia> => deps.artifacts.read(prepared, PreparedMediaSchema);
    const open = async (key: string): Promise<PcmSource> => patientAudio(await deps.openAudio(key), run.signal);
    const openAudio = async (): Promise<PcmSource> => open((await readPrepared()).audioKey);
    const { value, artifact, reused } = await runStage<Diarization>(deps.artifacts, run.signal, {
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
        const audio = await openAudio();
        const [left, right] = (await readPrepared()).channels?.audioKeys ?? [];
        const diarizer = await deps.diarizer.load();
        const totalSeconds = audio.totalSamples / SAMPLE_RATE;
        return diarizer.diarize(audio, {
          ...(speakers ? { speakers } : {}),
          ...(left && right ? { channels: [await open(left), await open(right)] } : {}),
          signal: run.signal,
          onProgress: (doneSeconds) => run.progress({ doneSeconds, totalSeconds }),
        });
      },
    });
    const voices = await keepVoices(deps, { tenantId, lectureId, artifact, diarization: value, openAudio }, run.signal);
    return {
      artifact,
      reused: reused && voices?.reused !== false,
      speakers: value.speakers.length,
      ...(voices === undefined ? {} : { voices: voices.artifact }),
    };
  });
}
