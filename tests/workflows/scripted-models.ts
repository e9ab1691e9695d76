import { clipSpans } from '../../activities/cut-pieces.ts';
import type { LoadableModel } from '../../activities/loadable-model.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { Diarizer } from '../../inference/diarizer.ts';
import type { Embedder, SparseEncoder } from '../../inference/embedder.ts';
import type { ModelIdentity } from '../../inference/model-identity.ts';
import type { SpeechDetector } from '../../inference/speech-detector.ts';
import type { Transcriber } from '../../inference/transcriber.ts';
import type { TokenCounter } from '../../transcript/chunk.ts';

/** Models that answer from a script, so that tests of storing, resuming and undoing take no weights; they count what they are asked. */
export interface ScriptedModels {
  speechDetector: LoadableModel<SpeechDetector>;
  transcriber: LoadableModel<Transcriber>;
  diarizer: LoadableModel<Diarizer>;
  embedder: LoadableModel<Embedder>;
  sparseEncoder: LoadableModel<SparseEncoder>;
  tokenizer(): Promise<TokenCounter>;
  /** Names of the calls in their order. */
  calls: string[];
}

const model = (name: string) => ({ name, revision: '1', precision: 'script' });
const close = async () => undefined;

export function loadable<Model extends { readonly model: ModelIdentity }>(scripted: Model): LoadableModel<Model> {
  return { identity: async () => scripted.model, load: async () => scripted };
}

const SENTENCE = ['A', 'code', 'with', 'a', 'checksum', 'finds', 'every', 'single', 'error.'];

export function createScriptedModels(): ScriptedModels {
  const calls: string[] = [];
  return {
    calls,
    tokenizer: async () => ({ name: 'words', count: (text) => text.split(' ').length }),
    speechDetector: loadable({
      model: model('detector'),
      close,
      async detect(audio) {
        calls.push('detect');
        const first = await audio.read(0, SAMPLE_RATE);
        if (first.every((sample) => sample === 0)) return [];
        return [{ startSeconds: 0, endSeconds: audio.totalSamples / SAMPLE_RATE }];
      },
    }),
    transcriber: loadable({
      model: model('transcriber'),
      languages: ['de', 'en'],
      close,
      async transcribe(_audio, { speech, piece, language }) {
        calls.push('transcribe');
        const segments = (piece === undefined ? speech : clipSpans(speech, piece)).map((span) => {
          const step = (span.endSeconds - span.startSeconds) / SENTENCE.length;
          const words = SENTENCE.map((text, index) => ({
            text,
            startSeconds: span.startSeconds + index * step,
            endSeconds: span.startSeconds + (index + 1) * step,
            confidence: 0.9,
          }));
          return { ...span, words, averageLogProbability: -0.1, noSpeechProbability: 0, temperature: 0 };
        });
        return { language: language ?? 'en', languageProbability: 0.9, segments };
      },
    }),
    diarizer: loadable({
      model: model('diarizer'),
      close,
      async diarize(audio) {
        calls.push('diarize');
        const turns = [{ speaker: 'S1', startSeconds: 0, endSeconds: audio.totalSamples / SAMPLE_RATE }];
        return { speakers: ['S1'], turns, exclusiveTurns: turns };
      },
      async measureVoices(_audio, { speakers }) {
        calls.push('measureVoices');
        const vector = Float32Array.of(1, 0);
        return { model: model('voices'), speakers: speakers.map((speaker) => ({ speaker, vector, cleanSeconds: 9 })) };
      },
    }),
    embedder: loadable({
      model: model('embedder'),
      dimensions: 4,
      close,
      async embed(texts) {
        calls.push('embed');
        return texts.map(() => Float32Array.of(1, 0, 0, 0));
      },
    }),
    sparseEncoder: loadable({
      model: model('sparse'),
      close,
      encode: async (texts) => texts.map(() => ({ indices: [7], values: [1.5] })),
    }),
  };
}
