import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { MeasuredModel, MeasuredModels } from '../../contracts/measured-models.ts';
import { bootstrapInterval } from '../metrics/bootstrap-interval.ts';
import { wordErrorRate, type WordErrors } from '../metrics/word-error-rate.ts';
import { readManifest, type Recording } from '../speech/manifest.ts';
import { openPcmFile } from '../speech/pcm-file.ts';
import { scoreText } from '../speech/score-recording.ts';
import { openHearing, openTools, transcribePieces, type Hearing, type Tools } from '../speech/speech-pipeline.ts';

export interface MeasureModelsOptions {
  config: Config;
  /** Names of the catalogue, or folders. */
  models: readonly string[];
  /** Only files whose path contains this. */
  only: string;
  note: (line: string) => void;
}

/** Transcribes the recordings of a data set with one model after another: words, errors and time of each. */
export async function measureModels(root: string, { config, models, only, note }: MeasureModelsOptions): Promise<MeasuredModels> {
  const recordings = (await readManifest(root)).filter(({ kind, file, text }) => kind === 'speech' && file.includes(only) && text);
  if (recordings.length === 0) throw new LecternError('invalid-input', `${root} holds no recording with a reference to measure on`);
  const measured: MeasuredModel[] = [];
  let audioSeconds = 0;
  const { threads } = await openTools(config, note);
  for (const speechModel of models) {
    const tools = await openTools({ ...config, LECTERN_ASR_MODEL: speechModel }, note);
    const run = await measureModel(tools, recordings);
    ({ audioSeconds } = run);
    measured.push(run.model);
    const { name, wer, processorFactor } = run.model;
    note(`${name}: WER ${(wer * 100).toFixed(1)} %, ${processorFactor.toFixed(3)} s of processor time a second`);
  }
  return { data: only, recordings: recordings.length, audioSeconds, threads, models: measured };
}

async function measureModel(tools: Tools, recordings: readonly Recording[]): Promise<{ model: MeasuredModel; audioSeconds: number }> {
  const hearing = await openHearing(tools);
  const folder = await mkdtemp(join(tmpdir(), 'lectern-eval-models-'));
  try {
    const errors: WordErrors[] = [];
    let [audioSeconds, processorSeconds] = [0, 0];
    for (const recording of recordings) {
      const heard = await hear(tools, hearing, recording, join(folder, 'audio.s16le'));
      errors.push(heard.errors);
      audioSeconds += heard.audioSeconds;
      processorSeconds += heard.processorSeconds;
    }
    const model = {
      ...hearing.transcriber.model,
      wer: wordErrorRate(errors) ?? 0,
      werInterval: bootstrapInterval(errors, wordErrorRate),
      processorFactor: processorSeconds / audioSeconds,
    };
    return { model, audioSeconds };
  } finally {
    await Promise.all([hearing.detector.close(), hearing.transcriber.close(), rm(folder, { recursive: true })]);
  }
}

async function hear(
  tools: Tools,
  { detector, transcriber }: Hearing,
  recording: Recording,
  pcmPath: string,
): Promise<{ errors: WordErrors; audioSeconds: number; processorSeconds: number }> {
  await tools.media.decode(recording.path, pcmPath, { maxDurationSeconds: tools.maxDurationSeconds });
  const audio = await openPcmFile(pcmPath);
  try {
    const began = process.cpuUsage();
    const { segments } = await transcribePieces(transcriber, audio, await detector.detect(audio));
    const { user, system } = process.cpuUsage(began);
    const text = segments.flatMap(({ words }) => words.map((word) => word.text.trim())).join(' ');
    const { words: errors } = scoreText(recording, text);
    if (errors === undefined) throw new LecternError('internal', `${recording.file} has no reference`);
    return { errors, audioSeconds: audio.totalSamples / SAMPLE_RATE, processorSeconds: (user + system) / 1e6 };
  } finally {
    await audio.close();
  }
}
