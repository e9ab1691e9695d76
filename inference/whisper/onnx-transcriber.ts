import type { Segment, Span } from '../../contracts/transcript.ts';
import type { ModelIdentity } from '../model-identity.ts';
import type { ModelFiles } from '../models/store.ts';
import { openWhisperSessions, releaseWhisperSessions } from '../graphs/whisper-model.ts';
import { startEngine, type Remote } from '../onnx/worker-host.ts';
import type { PcmSource } from '../pcm-source.ts';
import type { Transcriber, TranscribeOptions } from '../transcriber.ts';
import { createPool, type Pool } from './engine-pool.ts';
import { ensureWhisperGraphs, whisperFolder } from './ensure-graphs.ts';
import { dropHallucinations } from './hallucinations.ts';
import { createSnap } from './speech-edges.ts';
import { createReport } from './piece-progress.ts';
import { readWindow } from './read-window.ts';
import { unknownLanguage } from './tokenizer.ts';
import { findUnheardSpeech, mergeHearings } from './unheard-speech.ts';
import type { WhisperEngine, WhisperInit } from './whisper-engine.ts';
import { decideLanguages, wordsSureness, type LanguageEvidence, type WindowLanguages } from './window-languages.ts';
import { placeSegments, planWindows, speechOf, windowSeconds, windowsOf, type AudioWindow } from './window-plan.ts';

/** Windows decoded side by side: with 6 or 8 a recording took a tenth longer, and they hold 9 MB each (base). */
const MAX_BATCH = 4;

/** Engines side by side, each a thread: two on one thread each need a quarter less processor time than one on two threads. */
const MAX_ENGINES = 4;

/** Heard in each language that a recording may be in, where its sound leaves it open. */
const TRIAL_WINDOWS = 4;

export interface TranscriberDeps {
  /** Whisper in the form of CTranslate2 or of Hugging Face. */
  model: ModelFiles;
  /** Built graphs are kept below it. */
  cacheDir: string;
  precision: 'int8' | 'fp32';
  /** CPU threads in all. */
  threads: number;
  /** Hypotheses of a window that are followed side by side; 1, the default, is greedy decoding. */
  beamWidth?: number;
}

/** A window to be heard; the language is found out where it is `null`. */
interface PlannedWindow {
  window: AudioWindow;
  language: string | null;
}

/** A window and what an engine made of it. */
interface HeardWindow extends PlannedWindow {
  language: string;
  /** Of each language, where it was to be found out. */
  probabilities: Float64Array | undefined;
  /** In seconds of the window. */
  segments: Segment[];
}

/** Whisper on onnxruntime. The first start on a machine writes the graphs. Calls may overlap: they share the engines. */
export async function openTranscriber(deps: TranscriberDeps): Promise<Transcriber> {
  const { model, precision, beamWidth = 1 } = deps;
  const graphDir = await ensureWhisperGraphs(model, deps.cacheDir, precision);
  const engineCount = Math.max(1, Math.min(MAX_ENGINES, deps.threads));
  const sessions = await openWhisperSessions(graphDir, { threads: deps.threads });
  try {
    const engines = await startEngines(engineCount, { sessions, modelDir: whisperFolder(model), beamWidth });
    const decoding = beamWidth === 1 ? {} : { decoding: `beam ${beamWidth}` };
    const transcriber = await createTranscriber(engines, { model: { ...model.identity, precision, ...decoding }, maxBatch: MAX_BATCH });
    return {
      ...transcriber,
      close: async () => {
        await transcriber.close();
        releaseWhisperSessions(sessions);
      },
    };
  } catch (error) {
    releaseWhisperSessions(sessions);
    throw error;
  }
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
      const planned = planWindows(options.speech, audio.totalSamples);
      const windows = options.piece === undefined ? planned : windowsOf(options.piece, planned);
      const hear = createHearing(pool, audio, options, windows);
      const hearAll = async (list: readonly PlannedWindow[]): Promise<HeardWindow[]> =>
        (await Promise.all(toBatches(list, engines.length, maxBatch).map(hear))).flat();
      const heard = await hearAll(windows.map((window) => ({ window, language })));
      const found = language === null ? await settleLanguages(heard, languages, options, hearAll) : undefined;
      // Windows that their batch took for another language than the whole recording does are heard again.
      const mistaken = [...heard.keys()].filter((index) => found !== undefined && heard[index]!.language !== found.ofWindows[index]);
      const corrected = await hearAll(mistaken.map((index) => ({ window: windows[index]!, language: found!.ofWindows[index]! })));
      for (const [order, index] of mistaken.entries()) heard[index] = corrected[order]!;
      const again = await hearAll(heard.flatMap((one) => planUnheard(one, options.speech, audio.totalSamples)));
      const segments = dropHallucinations(mergeHearings(toRecording(heard), toRecording(again)));
      return { language: language ?? found!.language, languageProbability: found?.probability ?? 1, segments };
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

/** Runs batches in the pool; reports what is done of the windows `planned` once each, though they may be heard twice. */
function createHearing(
  pool: Pool<Remote<WhisperEngine>>,
  audio: PcmSource,
  options: TranscribeOptions,
  planned: readonly AudioWindow[],
): (batch: readonly PlannedWindow[]) => Promise<HeardWindow[]> {
  const report = createReport(planned, options);
  const { expectedLanguage = null, vocabulary = [] } = options;
  return (batch) =>
    pool.use(async (engine) => {
      options.signal?.throwIfAborted();
      const windows = batch.map(({ window }) => window);
      const samples = await Promise.all(windows.map((window) => readWindow(audio, window)));
      const known = batch.flatMap(({ language }) => language ?? []);
      const languages = known.length === batch.length ? known : null;
      const snaps = samples.map((window) => createSnap(window));
      const transcript = await engine.transcribe(samples, { languages, expectedLanguage, vocabulary });
      options.signal?.throwIfAborted();
      report(windows);
      return windows.map((window, index) => ({
        window,
        language: transcript.languages[index]!,
        probabilities: transcript.languageProbabilities[index],
        segments: snaps[index]!(transcript.segments[index]!),
      }));
    });
}

/** As many batches for each engine, so that none waits for another at the end. */
function toBatches<Item>(items: readonly Item[], engines: number, maxBatch: number): Item[][] {
  const rounds = Math.ceil(items.length / (engines * maxBatch));
  const count = Math.min(items.length, rounds * engines);
  return Array.from({ length: count }, (_, batch) =>
    items.slice(Math.floor((items.length * batch) / count), Math.floor((items.length * (batch + 1)) / count)),
  );
}

/** What the windows are in: by their sound, and where that leaves it open by how sure their words are in each candidate. */
async function settleLanguages(
  heard: readonly HeardWindow[],
  known: readonly string[],
  { expectedLanguage = null }: TranscribeOptions,
  hearAll: (windows: readonly PlannedWindow[]) => Promise<HeardWindow[]>,
): Promise<WindowLanguages> {
  const evidence = heard.flatMap(toEvidence);
  const decided = decideLanguages(evidence, known, expectedLanguage);
  let best = { language: decided.language, sureness: Number.NEGATIVE_INFINITY };
  for (const language of decided.candidates) {
    const trial = await hearAll(heard.slice(0, TRIAL_WINDOWS).map(({ window }) => ({ window, language })));
    const sureness = wordsSureness(trial.flatMap(({ segments }) => segments));
    if (sureness > best.sureness) best = { language, sureness };
  }
  return best.language === decided.language ? decided : decideLanguages(evidence, known, best.language);
}

function toEvidence({ window, probabilities }: HeardWindow): LanguageEvidence[] {
  return probabilities === undefined ? [] : [{ probabilities, seconds: windowSeconds(window) }];
}

/** Windows over the speech of a window that its words leave out. */
function planUnheard({ window, language, segments }: HeardWindow, speech: readonly Span[], totalSamples: number): PlannedWindow[] {
  const words = placeSegments(window, segments).flatMap((segment) => segment.words);
  const gaps = findUnheardSpeech(speechOf(window, speech), words);
  return gaps.flatMap((gap) => planWindows(gap, totalSamples)).map((gap) => ({ window: gap, language }));
}

function toRecording(heard: readonly HeardWindow[]): Segment[] {
  return heard.flatMap(({ window, segments }) => placeSegments(window, segments));
}
