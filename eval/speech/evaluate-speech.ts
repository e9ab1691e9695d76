import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { diarizationErrorRate } from '../metrics/diarization-error-rate.ts';
import { wordErrorRate } from '../metrics/word-error-rate.ts';
import { measureWordTimes, summarizeWordTimes, type WordTimeSummary } from '../metrics/word-time-error.ts';
import { compareWith, type Against } from './against/compare.ts';
import type { TimedText } from './against/speech-job.ts';
import { alignRecordings, type WordTimes } from './alignment/forced-alignment.ts';
import { readManifest, type Recording } from './manifest.ts';
import { readSpeakerTruth, scoreSpeakers, scoreText, type RecordingScore } from './score-recording.ts';
import { createCountdown } from './remaining-time.ts';
import { openSpeechPipeline, openTools, type Heard, type SpeechPipeline } from './speech-pipeline.ts';
import { summarize, type ErrorRates, type Scored } from './summarize.ts';

export interface SpeechEvaluationOptions {
  config: Config;
  /** One line of progress. */
  note: (line: string) => void;
  /** Only files whose path contains one of these. */
  only?: readonly string[];
  /** Names of peers to run beside, one after another. */
  against?: readonly string[];
  /** How often each side runs then. */
  rounds: number;
  /** Also measure word times where the data tells none, against a forced alignment. */
  align?: boolean;
}

interface FileResult extends Omit<RecordingScore, 'wordTimes'> {
  file: string;
  kind: Recording['kind'];
  language: string;
  text: string;
  speakerCountFound: number;
  audioSeconds: number;
  seconds: Heard['seconds'];
  wer?: number;
  der?: number;
  wordTimes?: WordTimeSummary;
}

export interface SpeechEvaluation extends ErrorRates {
  models: SpeechPipeline['models'];
  files: FileResult[];
  audioSeconds: number;
  /** Seconds of work for a second of audio: decoding, speech detection, transcription and diarization one after another. */
  realTimeFactor: number;
  /** Largest resident memory of this process, which ran all models. */
  peakMemoryBytes: number;
  /** One peer's comparison, or a list where several were asked for. */
  against?: Against | Against[];
}

/** Runs every recording of a data set through the speech chain and scores it. Malformed files are not recordings: they are left out. */
export async function evaluateSpeech(root: string, options: SpeechEvaluationOptions): Promise<SpeechEvaluation> {
  const { only = [''], note, against = [] } = options;
  const manifest = await readManifest(root);
  const recordings = manifest.filter(({ kind, file }) => kind !== 'malformed' && only.some((text) => file.includes(text)));
  if (recordings.length === 0) throw new LecternError('invalid-input', `${root} holds no recording to measure on`);
  const aligned = options.align === true ? await alignRecordings(recordings, await openTools(options.config, note), note) : undefined;
  const own = await evaluateRecordings(root, recordings, aligned, options);
  note(describeRates(own));
  // Afterwards, when this process holds no model: both sides have the machine to themselves.
  const comparisons: Against[] = [];
  for (const name of against) comparisons.push(await compareWith(name, root, recordings, { ...options, aligned }));
  const [first] = comparisons;
  return first === undefined ? own : { ...own, against: comparisons.length === 1 ? first : comparisons };
}

async function evaluateRecordings(
  root: string,
  recordings: readonly Recording[],
  aligned: WordTimes | undefined,
  options: SpeechEvaluationOptions,
): Promise<SpeechEvaluation> {
  const pipeline = await openSpeechPipeline(options.config, options.note);
  try {
    const results: { file: FileResult; scored: Scored }[] = [];
    const timeLeft = createCountdown(recordings.reduce((sum, { seconds = 0 }) => sum + seconds, 0));
    let doneSeconds = 0;
    for (const [index, recording] of recordings.entries()) {
      const result = await evaluateRecording(root, recording, aligned?.get(recording.file), pipeline);
      results.push(result);
      doneSeconds += recording.seconds ?? 0;
      options.note(`${index + 1}/${recordings.length} ${describe(result.file)}${timeLeft(doneSeconds)}`);
    }
    const files = results.map(({ file }) => file);
    const audioSeconds = files.reduce((sum, file) => sum + file.audioSeconds, 0);
    const workSeconds = files.flatMap(({ seconds }) => Object.values(seconds)).reduce((sum, seconds) => sum + seconds, 0);
    return {
      models: pipeline.models,
      ...summarize(results.map(({ scored }) => scored)),
      audioSeconds,
      realTimeFactor: workSeconds / audioSeconds,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      files,
    };
  } finally {
    await pipeline.close();
  }
}

async function evaluateRecording(
  root: string,
  recording: Recording,
  aligned: readonly TimedText[] | undefined,
  pipeline: SpeechPipeline,
): Promise<{ file: FileResult; scored: Scored }> {
  const { transcript, diarization, audioSeconds, seconds } = await pipeline.run(recording.path);
  const text = transcript.turns.flatMap((turn) => turn.words.map((word) => word.text.trim())).join(' ');
  const truth = await readSpeakerTruth(root, recording);
  const speakers = truth === undefined ? {} : scoreSpeakers(recording, truth, transcript, diarization);
  const times =
    aligned === undefined
      ? {}
      : {
          wordTimes: measureWordTimes(
            aligned,
            transcript.turns.flatMap((turn) => turn.words),
            recording.language ?? 'en',
          ),
        };
  const score: RecordingScore = { ...scoreText(recording, text), ...times, ...speakers };
  const { wordTimes, ...counts } = score;
  const wer = score.words === undefined ? null : wordErrorRate([score.words]);
  const der = score.diarization === undefined ? null : diarizationErrorRate([score.diarization]);
  const wordTimeSummary = wordTimes === undefined ? null : summarizeWordTimes([wordTimes]);
  const file = {
    file: recording.file,
    kind: recording.kind,
    language: transcript.language,
    ...(wer === null ? {} : { wer }),
    ...(der === null ? {} : { der }),
    ...(wordTimeSummary === null ? {} : { wordTimes: wordTimeSummary }),
    speakerCountFound: diarization.speakers.length,
    audioSeconds,
    seconds,
    ...counts,
    text,
  };
  return { file, scored: { recording, score } };
}

function describeRates({ wer, der, realTimeFactor }: SpeechEvaluation): string {
  const percent = (rate: number | null): string => (rate === null ? 'not measured' : `${(rate * 100).toFixed(1)} %`);
  return `WER ${percent(wer)}, DER ${percent(der)}, real-time factor ${realTimeFactor.toFixed(3)}`;
}

function describe({ file, audioSeconds, seconds, wer, der, nonspeechWords }: FileResult): string {
  const percent = (name: string, rate: number | undefined): string => (rate === undefined ? '' : `, ${name} ${(rate * 100).toFixed(1)} %`);
  const work = Object.values(seconds).reduce((sum, part) => sum + part, 0);
  const words = nonspeechWords === undefined ? '' : `, ${nonspeechWords} words in no speech`;
  return `${file}: ${audioSeconds.toFixed(1)} s in ${work.toFixed(1)} s${percent('WER', wer)}${percent('DER', der)}${words}`;
}
