import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutPieces } from '../../../activities/cut-pieces.ts';
import type { Config } from '../../../contracts/config.ts';
import { LecternError } from '../../../contracts/errors.ts';
import { SAMPLE_RATE } from '../../../contracts/media.ts';
import type { Span } from '../../../contracts/transcript.ts';
import type { Diarizer } from '../../../inference/diarizer.ts';
import type { PcmSource } from '../../../inference/pcm-source.ts';
import { alignSpeakers } from '../../../transcript/align.ts';
import type { TimedText } from '../against/speech-job.ts';
import { readManifest } from '../manifest.ts';
import { openPcmFile } from '../pcm-file.ts';
import { createCountdown } from '../remaining-time.ts';
import { openHearing, openSpeakerFinder, openTools, PIECE_SECONDS, stopwatch, transcribePieces, type Hearing } from '../speech-pipeline.ts';
import { wordsOf } from '../words-of.ts';
import { buildRecording, type LongRecording } from './build-recording.ts';
import { recordProgress, type ProgressTruth } from './progress-record.ts';
import { judgeLong, type LongHearing, type LongJudgement } from './judge-long.ts';
import { moveCuts } from './seams.ts';

export interface LongOptions {
  config: Config;
  note: (line: string) => void;
  minutes: number;
  seed: number;
}

type Stage = 'detectSpeech' | 'transcribe' | 'diarize' | 'align';

export interface LongMeasurement extends LongJudgement {
  audioSeconds: number;
  speechSeconds: number;
  seconds: Record<Stage, number> & { total: number };
  /** Processor time of this process over the same stages, in all threads: what the machine gave beside other work. */
  processorSeconds: Record<Stage, number> & { total: number };
  /** Largest resident memory of this process up to the end of the last stage. */
  peakMemoryBytes: number;
  progress: Record<Exclude<Stage, 'align'>, ProgressTruth>;
}

const MOVED_SECONDS = 5;

/**
 * Runs the speech chain on one long recording made of a data set's English recordings with references, with silence, noise and music
 * between; then on each of these alone, and on the long one with its cuts moved, to see what its seams lose.
 */
export async function measureLong(root: string, { config, note, minutes, seed }: LongOptions): Promise<LongMeasurement> {
  const manifest = await readManifest(root);
  const recordings = manifest.filter(
    ({ kind, language = 'en', text = '' }) => kind === 'nonspeech' || (kind === 'speech' && language === 'en' && text !== ''),
  );
  if (!recordings.some(({ kind }) => kind === 'speech'))
    throw new LecternError('invalid-input', `${root} holds no English speech with a text`);
  const tools = await openTools(config, note);
  const folder = await mkdtemp(join(tmpdir(), 'lectern-long-'));
  try {
    const { maxDurationSeconds } = tools;
    const long = await buildRecording(recordings, tools.media, folder, { seconds: minutes * 60, seed, maxDurationSeconds });
    const audio = await openPcmFile(long.path);
    note(`joined ${long.parts.length} parts to ${(audio.totalSamples / SAMPLE_RATE / 60).toFixed(1)} minutes`);
    const [hearing, diarizer] = [await openHearing(tools), await openSpeakerFinder(tools)];
    try {
      const { heard, ...measured } = await hearLong(audio, hearing, diarizer, note);
      note(
        `peak memory ${Math.round(measured.peakMemoryBytes / 1e6)} MB, ${measured.seconds.total.toFixed(0)} s; now each part alone, and other cuts`,
      );
      const alone = await hearAlone(long, hearing, note);
      const cuts = moveCuts(heard.pieces, heard.speech, MOVED_SECONDS);
      const moved = wordsOf(await transcribePieces(hearing.transcriber, audio, heard.speech, { cuts }));
      const judged = await judgeLong({ root, recordings, long, heard, alone, moved, movedCuts: cuts });
      return { audioSeconds: audio.totalSamples / SAMPLE_RATE, speechSeconds: lengthOf(heard.speech), ...measured, ...judged };
    } finally {
      await Promise.all([hearing.detector.close(), hearing.transcriber.close(), diarizer.close(), audio.close()]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function hearLong(
  audio: PcmSource,
  { detector, transcriber }: Hearing,
  diarizer: Diarizer,
  note: (line: string) => void,
): Promise<{ heard: LongHearing } & Pick<LongMeasurement, 'seconds' | 'processorSeconds' | 'peakMemoryBytes' | 'progress'>> {
  const audioSeconds = audio.totalSamples / SAMPLE_RATE;
  const [clock, processor] = [stopwatch(), stopwatch(processorMilliseconds)];
  const detecting = recordProgress();
  const speech = await detector.detect(audio, { onProgress: (seconds) => detecting.report(seconds / audioSeconds) });
  const [detectSpeech, detectProcessor, detectProgress] = [clock(), processor(), detecting.judge()];
  const speechSeconds = lengthOf(speech);
  const transcribing = recordProgress();
  const transcription = await transcribePieces(transcriber, audio, speech, {
    onProgress: watch(note, 'transcribed', speechSeconds, transcribing.report),
  });
  const [transcribe, transcribeProcessor, transcribeProgress] = [clock(), processor(), transcribing.judge()];
  const diarizing = recordProgress();
  const diarization = await diarizer.diarize(audio, { onProgress: watch(note, 'diarized', audioSeconds, diarizing.report) });
  const [diarize, diarizeProcessor, diarizeProgress] = [clock(), processor(), diarizing.judge()];
  const words = alignSpeakers(transcription, diarization).turns.flatMap((turn) => turn.words);
  const [align, alignProcessor] = [clock(), processor()];
  return {
    heard: {
      speech,
      pieces: cutPieces(speech, PIECE_SECONDS),
      transcription,
      diarization,
      attributedWords: { words: words.length, attributed: words.filter(({ speaker }) => speaker !== null).length },
    },
    seconds: withTotal({ detectSpeech, transcribe, diarize, align }),
    processorSeconds: withTotal({
      detectSpeech: detectProcessor,
      transcribe: transcribeProcessor,
      diarize: diarizeProcessor,
      align: alignProcessor,
    }),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    progress: { detectSpeech: detectProgress, transcribe: transcribeProgress, diarize: diarizeProgress },
  };
}

function withTotal(stages: Record<Stage, number>): Record<Stage, number> & { total: number } {
  return { ...stages, total: Object.values(stages).reduce((sum, seconds) => sum + seconds, 0) };
}

function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Passes seconds on as shares, and tells each new tenth with the time that is left. */
function watch(
  note: (line: string) => void,
  verb: string,
  totalSeconds: number,
  report: (share: number) => void,
): (seconds: number) => void {
  const timeLeft = createCountdown(totalSeconds);
  let told = 0;
  return (seconds) => {
    const share = seconds / totalSeconds;
    report(share);
    if (Math.floor(share * 10) === told) return;
    told = Math.floor(share * 10);
    note(`${verb} ${Math.round(share * 100)} %${timeLeft(seconds)}`);
  };
}

/** Each recording that was joined, by itself: what it sounds like without seams. Times are on its own clock. */
async function hearAlone(
  { parts, sources }: LongRecording,
  hearing: Hearing,
  note: (line: string) => void,
): Promise<Map<string, TimedText[]>> {
  const files = [...new Set(parts.flatMap(({ kind, source }) => (kind === 'speech' && source !== null ? [source] : [])))];
  const alone = new Map<string, TimedText[]>();
  for (const file of files) {
    const audio = await openPcmFile(sources.get(file) ?? '');
    try {
      alone.set(file, wordsOf(await transcribePieces(hearing.transcriber, audio, await hearing.detector.detect(audio))));
    } finally {
      await audio.close();
    }
  }
  note(`heard ${files.length} recordings alone`);
  return alone;
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { startSeconds, endSeconds }) => sum + endSeconds - startSeconds, 0);
}
