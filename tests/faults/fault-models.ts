import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LecternError } from '../../contracts/errors.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { Span } from '../../contracts/transcript.ts';
import { createScriptedModels, loadable, type ScriptedModels } from '../workflows/scripted-models.ts';
import { hearPitch, PITCH_SAMPLES, sentencesIn, TOO_HIGH_HERTZ } from './tones.ts';

/** Of MiniLM, whose place the scripted embedder takes in the index: the API asks with the real one. */
const DIMENSIONS = 384;

/** An inference as it began: written down at once, so that a process that is killed has told of it. */
export interface InferenceCall {
  call: 'transcribe';
  hertz: number;
  pieceStartSeconds: number;
}

export interface FaultModelOptions {
  /** File that calls are added to, a line of JSON each; several processes may write it. */
  journal: string;
  /** How long a piece takes to transcribe. */
  pieceMs: number;
}

/** Scripted models that hear the words of a tone, take their time, and write down each piece that they begin. */
export async function createFaultModels({ journal, pieceMs }: FaultModelOptions): Promise<ScriptedModels> {
  const models = createScriptedModels();
  const transcriber = await models.transcriber.load();
  const embedder = await models.embedder.load();
  return {
    ...models,
    transcriber: loadable({
      ...transcriber,
      async transcribe(audio, { speech, piece = wholeOf(speech), language, signal, onProgress }) {
        const hertz = hearPitch(await audio.read(0, PITCH_SAMPLES));
        const begun: InferenceCall = { call: 'transcribe', hertz, pieceStartSeconds: piece.startSeconds };
        appendFileSync(journal, `${JSON.stringify(begun)}\n`);
        if (hertz >= TOO_HIGH_HERTZ) throw new LecternError('out-of-resources', 'the model does not fit into memory');
        const tenth = pieceMs / 10;
        for (let part = 1; part <= 10; part += 1) {
          await sleep(tenth, undefined, signal === undefined ? {} : { signal });
          // As models do: what they hear they read as they go.
          await audio.read(Math.floor(piece.startSeconds * SAMPLE_RATE), SAMPLE_RATE);
          onProgress?.(((piece.endSeconds - piece.startSeconds) * part) / 10);
        }
        const segments = sentencesIn(hertz, piece).map(({ words, ...span }) => {
          const step = (span.endSeconds - span.startSeconds) / words.length;
          const timed = words.map((text, index) => ({
            text,
            startSeconds: span.startSeconds + index * step,
            endSeconds: span.startSeconds + (index + 1) * step,
            confidence: 0.9,
          }));
          return { ...span, words: timed, averageLogProbability: -0.1, noSpeechProbability: 0, temperature: 0 };
        });
        return { language: language ?? 'en', languageProbability: 0.9, segments };
      },
    }),
    embedder: loadable({ ...embedder, dimensions: DIMENSIONS, embed: async (texts) => texts.map(toVector) }),
  };
}

function wholeOf(speech: readonly Span[]): Span {
  return { startSeconds: 0, endSeconds: speech.at(-1)?.endSeconds ?? 1 / SAMPLE_RATE };
}

/** Unit length, the same for the same text. */
function toVector(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  for (let index = 0; index < text.length; index += 1) vector[(text.charCodeAt(index) * 31 + index) % DIMENSIONS]! += 1;
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
}
