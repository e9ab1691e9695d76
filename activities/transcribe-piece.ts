import { LecternError } from '../contracts/errors.ts';
import type { GpuActivities } from '../contracts/ingest.ts';
import { PreparedMediaSchema, SAMPLE_RATE, SpeechPlanSchema } from '../contracts/media.ts';
import { TranscriptionSchema, type Transcription } from '../contracts/transcript.ts';
import { VocabularySchema } from '../contracts/vocabulary.ts';
import type { PcmSource } from '../inference/pcm-source.ts';
import type { Transcriber } from '../inference/transcriber.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import { toActivity } from './activity.ts';
import { clipSpans } from './cut-pieces.ts';
import type { LoadableModel } from './loadable-model.ts';
import { runStage } from './run-stage.ts';
import { patientAudio } from './while-away.ts';

const VERSION = 4;

export interface TranscribePieceDeps {
  artifacts: ArtifactStore;
  openAudio(key: string): Promise<PcmSource>;
  transcriber: LoadableModel<Transcriber>;
}

/** Words of one piece, at their times in the whole recording; no audio is read but the piece's and the end of its last window. */
export function createTranscribePieceActivity(deps: TranscribePieceDeps): GpuActivities['transcribePiece'] {
  return toActivity(async ({ tenantId, lectureId, prepared, speech, piece, language, expectedLanguage, vocabulary }, run) => {
    const model = await deps.transcriber.identity();
    const { value, ...result } = await runStage<Transcription>(deps.artifacts, run.signal, {
      id: {
        tenantId,
        lectureId,
        stage: 'transcribePiece',
        version: VERSION,
        inputs: [prepared.digest, speech.digest, ...(vocabulary === null ? [] : [vocabulary.digest])],
        model,
        options: { piece, language, expectedLanguage },
      },
      schema: TranscriptionSchema,
      async compute() {
        const transcriber = await deps.transcriber.load();
        requireLanguage(transcriber, language);
        const { audioKey } = await deps.artifacts.read(prepared, PreparedMediaSchema);
        const plan = await deps.artifacts.read(speech, SpeechPlanSchema);
        const audio = patientAudio(await deps.openAudio(audioKey), run.signal);
        const totalSeconds = clipSpans(plan.speech, piece).reduce((sum, span) => sum + span.endSeconds - span.startSeconds, 0);
        const heard = await transcriber.transcribe(audio, {
          language,
          expectedLanguage,
          vocabulary: vocabulary === null ? [] : await deps.artifacts.read(vocabulary, VocabularySchema),
          speech: plan.speech,
          piece,
          signal: run.signal,
          onProgress: (doneSeconds) => run.progress({ doneSeconds, totalSeconds, pieceStartSeconds: piece.startSeconds }),
        });
        return { ...heard, durationSeconds: audio.totalSamples / SAMPLE_RATE };
      },
    });
    const { language: heardIn, degradation } = value;
    const words = countWords(value);
    return { ...result, language: heardIn, words, models: [model], ...(degradation === undefined ? {} : { degradations: [degradation] }) };
  });
}

export function countWords(transcription: Transcription): number {
  return transcription.segments.reduce((sum, segment) => sum + segment.words.length, 0);
}

function requireLanguage(transcriber: Transcriber, language: string | null): void {
  if (language === null || transcriber.languages.includes(language)) return;
  throw new LecternError('invalid-input', `${transcriber.model.name} does not know the language "${language}"`, {
    cure: `Leave the language out to have it found, or give one of: ${transcriber.languages.join(', ')}.`,
  });
}
