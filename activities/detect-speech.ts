import type { GpuActivities } from '../contracts/ingest.ts';
import { PreparedMediaSchema, SAMPLE_RATE, SpeechPlanSchema, type SpeechPlan } from '../contracts/media.ts';
import type { SpeechDetector } from '../inference/speech-detector.ts';
import type { PcmSource } from '../inference/pcm-source.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import { toActivity } from './activity.ts';
import { cutPieces } from './cut-pieces.ts';
import type { LoadableModel } from './loadable-model.ts';
import { runStage } from './run-stage.ts';
import { patientAudio } from './while-away.ts';

const VERSION = 3;

/** Long enough for the transcriber to find its pace, short enough that a lost piece costs a minute and that two GPUs share a lecture. */
const PIECE_SECONDS = 300;

export interface DetectSpeechDeps {
  artifacts: ArtifactStore;
  openAudio(key: string): Promise<PcmSource>;
  speechDetector: LoadableModel<SpeechDetector>;
}

/** Finds where someone speaks and cuts it into even pieces. */
export function createDetectSpeechActivity(deps: DetectSpeechDeps): GpuActivities['detectSpeech'] {
  return toActivity(async ({ tenantId, lectureId, prepared }, run) => {
    const model = await deps.speechDetector.identity();
    const options = { pieceSeconds: PIECE_SECONDS };
    const { value, ...result } = await runStage<SpeechPlan>(deps.artifacts, run.signal, {
      id: { tenantId, lectureId, stage: 'detectSpeech', version: VERSION, inputs: [prepared.digest], model, options },
      schema: SpeechPlanSchema,
      async compute() {
        const { audioKey, loudnessDbfs } = await deps.artifacts.read(prepared, PreparedMediaSchema);
        const audio = patientAudio(await deps.openAudio(audioKey), run.signal);
        const detector = await deps.speechDetector.load();
        const totalSeconds = audio.totalSamples / SAMPLE_RATE;
        const speech = await detector.detect(audio, {
          loudnessDbfs,
          signal: run.signal,
          onProgress: (doneSeconds) => run.progress({ doneSeconds, totalSeconds }),
        });
        return { speech, pieces: cutPieces(speech, PIECE_SECONDS) };
      },
    });
    const speechSeconds = value.speech.reduce((sum, span) => sum + span.endSeconds - span.startSeconds, 0);
    return { ...result, pieces: value.pieces, speechSeconds: Math.round(speechSeconds * 1_000) / 1_000 };
  });
}
