import { expect, it } from 'vitest';
import type { Segment, Span } from '../../contracts/transcript.ts';
import type { Remote } from '../onnx/worker-host.ts';
import type { PcmSource } from '../pcm-source.ts';
import type { Transcriber } from '../transcriber.ts';
import { createTranscriber } from './onnx-transcriber.ts';
import type { HearingOptions, WhisperEngine } from './whisper-engine.ts';
import { decideLanguages } from './window-languages.ts';

const KNOWN = ['de', 'en', 'la'];
const SAMPLE_RATE = 16_000;
const WORD_SECONDS = 0.5;

/** What the sample at the start of a window says it sounds like, and how sure its words are in each language. */
interface Voice {
  sounds: number[];
  sureness: number[];
}

/** An engine that hears the name of the language it was asked for, over and over; it keeps what it was asked. */
function createScriptedEngine(voices: readonly Voice[], asked: HearingOptions[]): Remote<WhisperEngine> {
  return {
    languages: async () => KNOWN,
    async transcribe(windows, options) {
      asked.push(options);
      const heard = windows.map((samples) => voices[Math.round(samples[0]!)]!);
      const evidence = heard.map(({ sounds }, index) => ({
        probabilities: Float64Array.from(sounds),
        seconds: windows[index]!.length / SAMPLE_RATE,
      }));
      const languages = options.languages ?? decideLanguages(evidence, KNOWN, options.expectedLanguage).ofWindows;
      return {
        languages: [...languages],
        languageProbabilities: options.languages === null ? evidence.map(({ probabilities }) => probabilities) : [],
        segments: languages.map((language, index) => [toSegment(language, heard[index]!, windows[index]!.length / SAMPLE_RATE)]),
      };
    },
    close: async () => undefined,
  };
}

function toSegment(language: string, voice: Voice, seconds: number): Segment {
  const words = Array.from({ length: seconds / WORD_SECONDS }, (_, index) => {
    return { text: language, confidence: 0.9, startSeconds: index * WORD_SECONDS, endSeconds: (index + 1) * WORD_SECONDS };
  });
  const averageLogProbability = voice.sureness[KNOWN.indexOf(language)]!;
  return { words, startSeconds: 0, endSeconds: seconds, averageLogProbability, noSpeechProbability: 0, temperature: 0, language };
}

/** Stretches of 28 s, each by one voice. */
async function transcribe(voices: readonly Voice[], expectedLanguage: string | null = null, asked: HearingOptions[] = []) {
  const engine = createScriptedEngine(voices, asked);
  const model = { name: 'scripted', revision: '1', precision: 'script' };
  const transcriber: Transcriber = await createTranscriber([engine], { model, maxBatch: 4 });
  const stretch = 30 * SAMPLE_RATE;
  const audio: PcmSource = {
    totalSamples: voices.length * stretch,
    read: async (start, count) => new Float32Array(count).fill(Math.floor(start / stretch)),
  };
  const speech: Span[] = voices.map((_, index) => ({ startSeconds: index * 30, endSeconds: index * 30 + 28 }));
  return transcriber.transcribe(audio, { language: null, expectedLanguage, speech, vocabulary: ['Noether'] });
}

const english = { sounds: [0.01, 0.98, 0.01], sureness: [-1, -0.2, -1] };
const german = { sounds: [0.97, 0.02, 0.01], sureness: [-0.2, -1, -1] };
const mumbling = { sounds: [0.5, 0.4, 0.1], sureness: [-0.5, -0.4, -1] };
const accented = { sounds: [0.2, 0.3, 0.45], sureness: [-0.9, -0.3, -0.7] };

const wordsOf = ({ segments }: { segments: Segment[] }): string[] => segments.map(({ words }) => words[0]!.text);

it('hears a lecture in two languages each in its own, and what is unsure in that of the whole', async () => {
  const output = await transcribe([english, german, english, mumbling, english]);
  expect(output.language).toBe('en');
  expect(wordsOf(output)).toEqual(['en', 'de', 'en', 'en', 'en']);
  expect(output.segments.map(({ language }) => language)).toEqual(['en', 'de', 'en', 'en', 'en']);
});

it('takes a piece of a lecture for the language of the lecture, unless it surely is in another', async () => {
  expect(wordsOf(await transcribe([mumbling, german], 'en'))).toEqual(['en', 'de']);
});

it('lets the words decide where the sound leaves the language open', async () => {
  const output = await transcribe([accented]);
  expect(output.language).toBe('en');
  expect(wordsOf(output)).toEqual(['en']);
});

it('tells every hearing the vocabulary', async () => {
  const asked: HearingOptions[] = [];
  await transcribe([accented], null, asked);
  expect(asked.length).toBeGreaterThan(1);
  for (const { vocabulary } of asked) expect(vocabulary).toEqual(['Noether']);
});
