import type { CpuActivities } from '../contracts/ingest.ts';
import { PreparedMediaSchema } from '../contracts/media.ts';
import { TranscriptionSchema, type Transcription } from '../contracts/transcript.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import { toActivity } from './activity.ts';
import { runStage } from './run-stage.ts';
import { countWords } from './transcribe-piece.ts';

const VERSION = 2;

/** ISO 639-2 for "undetermined": nobody spoke. */
const NO_LANGUAGE = 'und';
/** A window is heard in another language than its piece only where that is sure. */
const SURE_OF_WINDOW = 1;

/** One transcription out of its pieces. */
export function createJoinTranscriptionActivity(deps: { artifacts: ArtifactStore }): CpuActivities['joinTranscription'] {
  return toActivity(async ({ tenantId, lectureId, prepared, pieces }, run) => {
    const inputs = [prepared.digest, ...pieces.map((piece) => piece.digest)];
    const { value, ...result } = await runStage<Transcription>(deps.artifacts, run.signal, {
      id: { tenantId, lectureId, stage: 'transcribe', version: VERSION, inputs },
      schema: TranscriptionSchema,
      async compute() {
        const { durationSeconds } = await deps.artifacts.read(prepared, PreparedMediaSchema);
        const transcriptions = await Promise.all(pieces.map((piece) => deps.artifacts.read(piece, TranscriptionSchema)));
        return joinTranscriptions(transcriptions, durationSeconds);
      },
    });
    return { ...result, language: value.language, words: countWords(value) };
  });
}

/** Segments in the order of time; the language is that of most words, its probability the mean over the words in it. */
export function joinTranscriptions(pieces: readonly Transcription[], durationSeconds: number): Transcription {
  const votes = new Map<string, { words: number; weighted: number }>();
  for (const piece of pieces) {
    for (const segment of piece.segments) {
      const { words } = segment;
      const language = segment.language ?? piece.language;
      const vote = votes.get(language) ?? { words: 0, weighted: 0 };
      const probability = language === piece.language ? piece.languageProbability : SURE_OF_WINDOW;
      votes.set(language, { words: vote.words + words.length, weighted: vote.weighted + words.length * probability });
    }
  }
  const [language, vote] = [...votes].sort(([, a], [, b]) => b.words - a.words)[0] ?? [NO_LANGUAGE, { words: 0, weighted: 0 }];
  return {
    language,
    languageProbability: vote.words === 0 ? 0 : vote.weighted / vote.words,
    durationSeconds,
    segments: pieces.flatMap((piece) => piece.segments).sort((a, b) => a.startSeconds - b.startSeconds),
  };
}
