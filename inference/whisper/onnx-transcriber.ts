import { dirname } from 'node:path';
import type { Segment, Span } from '../../contracts/transcript.ts';
import { buildWhisperGraphs, WHISPER_GRAPH_BUILDER_VERSION } from '../graphs/whisper.ts';
import type { ModelIdentity } from '../model-identity.ts';
import type { ModelFiles } from '../models/store.ts';
import { ensureGraph } from '../onnx/graph-cache.ts';
import { startEngine, type Remote } from '../onnx/worker-host.ts';
import type { PcmSource } from '../pcm-source.ts';
import type { Transcriber, TranscribeOptions } from '../transcriber.ts';
import { createPool, type Pool } from './engine-pool.ts';
import { dropHallucinations } from './hallucinations.ts';
import { unknownLanguage } from './tokenizer.ts';
import { findUnheardSpeech, mergeHearings } from './unheard-speech.ts';
import type { WhisperEngine, WhisperInit, WindowsTranscript } from './whisper-engine.ts';
import { checkWhisperFolder } from './whisper-folder.ts';
import { placeSegments, planWindows, speechOf, windowSeconds, type AudioWindow } from './window-plan.ts';

/** Windows decoded side by side: more are a little faster a window, but hold 40 MB each (base). */
const MAX_BATCH = 4;

/** Engines side by side, each a thread with 0.5 GB (base): two on one thread each need a quarter less processor time than one on two threads. */
const MAX_ENGINES = 4;

export interface TranscriberDeps {
  /** Whisper in the form of CTranslate2 or of Hugging Face. */
  model: ModelFiles;
  /** Built graphs are kept below it. */
  cacheDir: string;
  precision: 'int8' | 'fp32';
  /** CPU threads in all. */
  threads: number;
}

/** A batch of windows and what an engine made of them. */
interface Batch {
  windows: AudioWindow[];
  transcript: WindowsTranscript;
}

/** Whisper on onnxruntime. The first start on a machine writes the graphs (seconds). Calls may overlap: they share the engines. */
export async function openTranscriber(deps: TranscriberDeps): Promise<Transcriber> {
  const { model, precision } = deps;
  const modelDir = dirname(model.path('config.json'));
  await checkWhisperFolder(modelDir);
  const id = { model: model.identity.name, revision: model.identity.revision, precision, builder: WHISPER_GRAPH_BUILDER_VERSION };
  const graphDir = await ensureGraph(deps.cacheDir, id, (dir) => buildWhisperGraphs(modelDir, precision, dir));
  const engineCount = Math.max(1, Math.min(MAX_ENGINES, deps.threads));
  const engines = await startEngines(engineCount, {
    graphDir,
    modelDir,
    threads: deps.threads,
    decoderThreads: Math.max(1, Math.floor(deps.threads / engineCount)),
  });
  return createTranscriber(engines, { model: { ...model.identity, precision }, maxBatch: MAX_BATCH });
}

/** A transcriber over engines that each hear up to `maxBatch` windows at once; they are closed with it. */
export async function createTranscriber(
  engines: readonly Remote<WhisperEngine>[],
  { model, maxBatch }: { model: ModelIdentity; maxBatch: number },
): Promise<Transcriber> {
  const pool = createPool(engines);
  const languages = await engines[0]!.languages();

  return {
    model,
    languages,
    async transcribe(audio, options) {
      const { language } = options;
      if (language !== null && !languages.includes(language)) throw unknownLanguage(language, languages);
      const windows = planWindows(options.speech, audio.totalSamples);
      const hear = createHearing(pool, audio, options, windows);
      const hearAll = (list: readonly AudioWindow[], chosen: string | null): Promise<Batch[]> =>
        Promise.all(toBatches(list, engines.length, maxBatch).map((batch) => hear(batch, chosen)));
      const batches = await hearAll(windows, language);
      const found = language === null ? agreeOnLanguage(batches, languages) : { language, probability: 1 };
      // A batch that took its speech for another language is heard again in the one that the recording is in.
      const settled = await Promise.all(
        batches.map(async (batch) => (batch.transcript.language === found.language ? batch : hear(batch.windows, found.language))),
      );
      const unheard = settled.flatMap((batch) => findUnheard(batch, options.speech));
      const again = await hearAll(
        unheard.flatMap((gap) => planWindows(gap, audio.totalSamples)),
        found.language,
      );
      const segments = dropHallucinations(mergeHearings(toRecording(settled), toRecording(again)));
      return { language: found.language, languageProbability: found.probability, segments };
    },
    close: async () => {
      await Promise.all(engines.map((engine) => engine.close()));
    },
  };
}

async function startEngines(count: number, init: WhisperInit): Promise<Remote<WhisperEngine>[]> {
  const module = new URL('whisper-engine.ts', import.meta.url);
  const starts = await Promise.allSettled(Array.from({ length: count }, () => startEngine<WhisperEngine>(module, init)));
  const engines = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed === undefined) return engines;
  await Promise.all(engines.map((engine) => engine.close()));
  throw failed.reason;
}

/** Runs batches in the pool; reports each second of the speech that was `planned` once, though it may be heard twice. */
function createHearing(
  pool: Pool<Remote<WhisperEngine>>,
  audio: PcmSource,
  options: TranscribeOptions,
  planned: readonly AudioWindow[],
): (windows: AudioWindow[], language: string | null) => Promise<Batch> {
  const unreported = new Set(planned);
  let doneSeconds = 0;
  return (windows, language) =>
    pool.use(async (engine) => {
      options.signal?.throwIfAborted();
      const samples = await Promise.all(windows.map((window) => readWindow(audio, window)));
      const transcript = await engine.transcribe(samples, language);
      for (const window of windows) if (unreported.delete(window)) doneSeconds += windowSeconds(window);
      options.signal?.throwIfAborted();
      options.onProgress?.(doneSeconds);
      return { windows, transcript };
    });
}

async function readWindow(audio: PcmSource, window: AudioWindow): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (const { startSample, endSample } of window.pieces) parts.push(await audio.read(startSample, endSample - startSample));
  const samples = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    samples.set(part, offset);
    offset += part.length;
  }
  return samples;
}

/** As many batches for each engine, so that none waits for another at the end. */
function toBatches(windows: readonly AudioWindow[], engines: number, maxBatch: number): AudioWindow[][] {
  const rounds = Math.ceil(windows.length / (engines * maxBatch));
  const count = Math.min(windows.length, rounds * engines);
  return Array.from({ length: count }, (_, batch) =>
    windows.slice(Math.floor((windows.length * batch) / count), Math.floor((windows.length * (batch + 1)) / count)),
  );
}

/** The language that is likeliest over all windows, and its mean probability. */
function agreeOnLanguage(batches: readonly Batch[], languages: readonly string[]): { language: string; probability: number } {
  const guesses = batches.flatMap((batch) => batch.transcript.languageProbabilities);
  if (guesses.length === 0) return { language: languages[0]!, probability: batches.length > 0 && languages.length === 1 ? 1 : 0 };
  const means = languages.map((_, index) => guesses.reduce((sum, guess) => sum + guess[index]!, 0) / guesses.length);
  const probability = Math.max(...means);
  return { language: languages[means.indexOf(probability)]!, probability: Math.min(1, probability) };
}

/** The speech of each window of a batch that its words leave out. */
function findUnheard({ windows, transcript }: Batch, speech: readonly Span[]): Span[][] {
  return windows.flatMap((window, index) => {
    const words = placeSegments(window, transcript.segments[index]!).flatMap((segment) => segment.words);
    return findUnheardSpeech(speechOf(window, speech), words);
  });
}

function toRecording(batches: readonly Batch[]): Segment[] {
  return batches.flatMap(({ windows, transcript }) =>
    windows.flatMap((window, index) => placeSegments(window, transcript.segments[index]!)),
  );
}
