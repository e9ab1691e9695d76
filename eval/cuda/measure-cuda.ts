import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import { findSpeechModel } from '../../inference/models/speech-model.ts';
import type { SpeechDetector } from '../../inference/speech-detector.ts';
import type { Transcriber } from '../../inference/transcriber.ts';
import { openSileroDetector } from '../../inference/vad/silero.ts';
import { openCudaTranscriber } from '../../inference/whisper-cuda/cuda-transcriber.ts';
import { readFreeDeviceBytes } from '../../inference/whisper-cuda/device-memory.ts';
import { openTranscriber } from '../../inference/whisper/onnx-transcriber.ts';
import { bootstrapInterval } from '../metrics/bootstrap-interval.ts';
import { countWordErrors, wordErrorRate, type WordErrors } from '../metrics/word-error-rate.ts';
import { readManifest, type Recording } from '../speech/manifest.ts';
import { openPcmFile } from '../speech/pcm-file.ts';
import { scoreText } from '../speech/score-recording.ts';
import { openTools, transcribePieces, type Tools } from '../speech/speech-pipeline.ts';

export interface MeasureCudaOptions {
  config: Config;
  /** Only files whose path contains this. */
  only: string;
  provider: 'cuda' | 'cpu';
  /** Run the ordinary way as well: int8 on the CPU. */
  beside: boolean;
  note: (line: string) => void;
}

interface Side {
  model: string;
  loadSeconds: number;
  /** Of transcription alone, for a second of audio. */
  realTimeFactor: number;
  words: number;
  wer: number | null;
  werInterval: [number, number] | null;
}

export interface CudaMeasurement extends Side {
  provider: 'cuda' | 'cpu';
  recordings: number;
  audioSeconds: number;
  /** What became used of the card's memory, which CUDA's allocator does not give back before the end; `null` without a card. */
  deviceMemoryBytes: number | null;
  peakMemoryBytes: number;
  beside?: Side & { /** Words that differ, for each word of the ordinary way. */ wordDifference: number | null };
}

interface Hearing {
  side: Side;
  /** Of each recording. */
  texts: string[];
  audioSeconds: number;
}

/** Transcribes recordings with the graphs whose decoding loop is inside, on CUDA or with the CPU provider, and tells words, time and memory. */
export async function measureCuda(root: string, options: MeasureCudaOptions): Promise<CudaMeasurement> {
  const { config, note, provider, only, beside } = options;
  const recordings = (await readManifest(root)).filter(({ kind, file, text }) => kind === 'speech' && file.includes(only) && text);
  if (recordings.length === 0) throw new LecternError('invalid-input', `${root} holds no recording with a reference to measure on`);
  const tools = await openTools(config, note);
  const model = await findSpeechModel(config.LECTERN_ASR_MODEL, tools.store);
  const { cacheDir, threads } = tools;
  const freeBefore = await readFreeDeviceBytes();
  const looped = await hearAll(tools, recordings, () => openCudaTranscriber({ model, cacheDir, provider, threads }), note);
  const measured: CudaMeasurement = {
    ...looped.side,
    provider,
    recordings: recordings.length,
    audioSeconds: looped.audioSeconds,
    deviceMemoryBytes: provider === 'cuda' && freeBefore !== undefined ? freeBefore - looped.freeBytes! : null,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
  if (!beside) return measured;
  const ordinary = await hearAll(tools, recordings, () => openTranscriber({ model, cacheDir, precision: 'int8', threads }), note);
  const differences = ordinary.texts.map((text, index) => countWordErrors(text, looped.texts[index]!, recordings[index]!.language ?? 'en'));
  return { ...measured, beside: { ...ordinary.side, wordDifference: wordErrorRate(differences) } };
}

async function hearAll(
  tools: Tools,
  recordings: readonly Recording[],
  open: () => Promise<Transcriber>,
  note: (line: string) => void,
): Promise<Hearing & { freeBytes: number | undefined }> {
  const opening = performance.now();
  const detector = await openSileroDetector({ model: await tools.store.ensure('silero-vad'), threads: 2 });
  const transcriber = await open();
  const loadSeconds = (performance.now() - opening) / 1000;
  const folder = await mkdtemp(join(tmpdir(), 'lectern-eval-cuda-'));
  try {
    const texts: string[] = [];
    let [audioSeconds, workSeconds] = [0, 0];
    for (const [index, recording] of recordings.entries()) {
      const heard = await hear(tools, { detector, transcriber }, recording, join(folder, 'audio.s16le'));
      texts.push(heard.text);
      audioSeconds += heard.audioSeconds;
      workSeconds += heard.workSeconds;
      note(`${index + 1}/${recordings.length} ${recording.file}: ${heard.audioSeconds.toFixed(1)} s in ${heard.workSeconds.toFixed(2)} s`);
    }
    const errors = texts
      .map((text, index) => scoreText(recordings[index]!, text).words)
      .filter((each): each is WordErrors => each !== undefined);
    const { name, precision } = transcriber.model;
    const side: Side = {
      model: `${name} ${precision}`,
      loadSeconds,
      realTimeFactor: workSeconds / audioSeconds,
      words: texts.reduce((sum, text) => sum + text.split(/\s+/).filter((word) => word !== '').length, 0),
      wer: wordErrorRate(errors),
      werInterval: bootstrapInterval(errors, wordErrorRate),
    };
    note(describe(side));
    return { side, texts, audioSeconds, freeBytes: await readFreeDeviceBytes() };
  } finally {
    await Promise.all([detector.close(), transcriber.close(), rm(folder, { recursive: true })]);
  }
}

function describe({ model, wer, words, realTimeFactor }: Side): string {
  const errors = wer === null ? 'not measured' : `${(wer * 100).toFixed(2)} %`;
  return `${model}: ${words} words, WER ${errors}, real-time factor ${realTimeFactor.toFixed(4)}`;
}

async function hear(
  tools: Tools,
  { detector, transcriber }: { detector: SpeechDetector; transcriber: Transcriber },
  recording: Recording,
  pcmPath: string,
): Promise<{ text: string; audioSeconds: number; workSeconds: number }> {
  await tools.media.decode(recording.path, pcmPath, { maxDurationSeconds: tools.maxDurationSeconds });
  const audio = await openPcmFile(pcmPath);
  try {
    const speech = await detector.detect(audio);
    const began = performance.now();
    const { segments } = await transcribePieces(transcriber, audio, speech);
    const workSeconds = (performance.now() - began) / 1000;
    const text = segments.flatMap(({ words }) => words.map((word) => word.text.trim())).join(' ');
    return { text, audioSeconds: audio.totalSamples / SAMPLE_RATE, workSeconds };
  } finally {
    await audio.close();
  }
}
