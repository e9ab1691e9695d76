import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutPieces, clipSpans } from '../../activities/cut-pieces.ts';
import { joinTranscriptions } from '../../activities/join-transcription.ts';
import type { Config } from '../../contracts/config.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { Diarization, Span, Transcript, Transcription } from '../../contracts/transcript.ts';
import { openDiarizer } from '../../inference/diarization/onnx-diarizer.ts';
import type { Diarizer } from '../../inference/diarizer.ts';
import { findSpeechModel } from '../../inference/models/speech-model.ts';
import { openModelStore, toModelStoreOptions, type ModelStore } from '../../inference/models/store.ts';
import type { PcmSource } from '../../inference/pcm-source.ts';
import type { SpeechDetector } from '../../inference/speech-detector.ts';
import type { Transcriber } from '../../inference/transcriber.ts';
import { openSileroDetector } from '../../inference/vad/silero.ts';
import { openTranscriber } from '../../inference/whisper/onnx-transcriber.ts';
import { createMediaTool } from '../../media/ffmpeg.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
import type { MediaTool } from '../../media/media-tool.ts';
import { alignSpeakers } from '../../transcript/align.ts';
import { openPcmFile } from './pcm-file.ts';

/** What the stack's stages make of a recording, and how long each took. */
export interface Heard {
  transcript: Transcript;
  diarization: Diarization;
  audioSeconds: number;
  seconds: { decode: number; detectSpeech: number; transcribe: number; diarize: number };
}

export interface SpeechPipeline {
  models: { transcriber: string; diarizer: string };
  run(path: string): Promise<Heard>;
  close(): Promise<void>;
}

/** What every stage is opened with. */
export interface Tools {
  store: ModelStore;
  media: MediaTool;
  cacheDir: string;
  threads: number;
  maxDurationSeconds: number;
  /** `LECTERN_ASR_MODEL`, whose weights peers are given too. */
  speechModel: string;
  beamWidth: number;
}

export interface Hearing {
  detector: SpeechDetector;
  transcriber: Transcriber;
}

interface Stages extends Hearing, Pick<Tools, 'media' | 'maxDurationSeconds'> {
  diarizer: Diarizer;
}

/** As `detectSpeech` cuts a lecture. */
export const PIECE_SECONDS = 300;

/** The stages of an ingest with the default models, in this process: what activities call, without Temporal around it. */
export async function openSpeechPipeline(config: Config, note: (line: string) => void): Promise<SpeechPipeline> {
  const tools = await openTools(config, note);
  const stages: Stages = { ...tools, ...(await openHearing(tools)), diarizer: await openSpeakerFinder(tools) };
  const { detector, transcriber, diarizer } = stages;
  const folder = await mkdtemp(join(tmpdir(), 'lectern-eval-'));
  return {
    models: { transcriber: nameOf(transcriber), diarizer: nameOf(diarizer) },
    run: (path) => hear(stages, path, join(folder, 'audio.s16le')),
    close: async () => {
      await Promise.all([detector.close(), transcriber.close(), diarizer.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

export async function openTools(config: Config, note: (line: string) => void): Promise<Tools> {
  const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: note });
  const { path: ffmpegPath } = await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg')).path('ffmpeg') });
  return {
    store,
    media: createMediaTool({ ffmpegPath }),
    cacheDir: config.LECTERN_CACHE,
    threads: config.LECTERN_THREADS ?? availableParallelism(),
    maxDurationSeconds: config.LECTERN_MAX_DURATION_SECONDS,
    speechModel: config.LECTERN_ASR_MODEL,
    beamWidth: config.LECTERN_ASR_BEAM,
  };
}

export async function openHearing({ store, cacheDir, threads, speechModel, beamWidth }: Tools): Promise<Hearing> {
  const model = await findSpeechModel(speechModel, store);
  return {
    detector: await openSileroDetector({ model: await store.ensure('silero-vad'), threads }),
    transcriber: await openTranscriber({ model, cacheDir, precision: 'int8', threads, beamWidth }),
  };
}

export async function openSpeakerFinder({ store, cacheDir, threads }: Tools): Promise<Diarizer> {
  const models = {
    segmentation: await store.ensure('segmentation-3.0'),
    campplus: await store.ensure('campplus'),
    silero: await store.ensure('silero-vad'),
  };
  return openDiarizer({ models, cacheDir, threads });
}

async function hear(stages: Stages, path: string, pcmPath: string): Promise<Heard> {
  const clock = stopwatch();
  await stages.media.decode(path, pcmPath, { maxDurationSeconds: stages.maxDurationSeconds });
  const decode = clock();
  const audio = await openPcmFile(pcmPath);
  try {
    const speech = await stages.detector.detect(audio);
    const detectSpeech = clock();
    const transcription = await transcribePieces(stages.transcriber, audio, speech);
    const transcribe = clock();
    const diarization = await stages.diarizer.diarize(audio);
    const diarize = clock();
    const transcript = alignSpeakers(transcription, diarization);
    return {
      transcript,
      diarization,
      audioSeconds: audio.totalSamples / SAMPLE_RATE,
      seconds: { decode, detectSpeech, transcribe, diarize },
    };
  } finally {
    await audio.close();
  }
}

/** As the stack transcribes: in pieces, speech only. `onProgress` is told the seconds of speech that are done. */
export async function transcribePieces(
  transcriber: Transcriber,
  audio: PcmSource,
  speech: readonly Span[],
  { cuts = cutPieces(speech, PIECE_SECONDS), onProgress }: { cuts?: readonly Span[]; onProgress?: (doneSeconds: number) => void } = {},
): Promise<Transcription> {
  const durationSeconds = audio.totalSamples / SAMPLE_RATE;
  const pieces: Transcription[] = [];
  let doneSeconds = 0;
  for (const piece of cuts) {
    const own = clipSpans(speech, piece);
    const before = doneSeconds;
    const heard = await transcriber.transcribe(audio, {
      language: null,
      speech,
      piece,
      onProgress: (seconds) => onProgress?.(before + seconds),
    });
    doneSeconds += own.reduce((sum, { startSeconds, endSeconds }) => sum + endSeconds - startSeconds, 0);
    pieces.push({ ...heard, durationSeconds });
  }
  return joinTranscriptions(pieces, durationSeconds);
}

/** Seconds since the call before, by a clock of milliseconds. */
export function stopwatch(readClock: () => number = () => performance.now()): () => number {
  let last = readClock();
  return () => {
    const now = readClock();
    const seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}

function nameOf({ model }: { model: { name: string; revision: string; precision: string } }): string {
  return `${model.name} ${model.precision} (${model.revision.slice(0, 12)})`;
}
