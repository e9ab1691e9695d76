import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { diarizationErrorRate } from '../metrics/diarization-error-rate.ts';
import { wordErrorRate } from '../metrics/word-error-rate.ts';
import { readManifest, type Recording } from './manifest.ts';
import { readSpeakerTruth, scoreSpeakers, scoreText, type RecordingScore } from './score-recording.ts';
import { openSpeechPipeline, type Heard, type SpeechPipeline } from './speech-pipeline.ts';
import { summarize, type ErrorRates, type Scored } from './summarize.ts';

export interface SpeechEvaluationOptions {
  config: Config;
  /** One line of progress. */
  note: (line: string) => void;
  /** Only files whose path contains this. */
  only?: string;
  /** File made by `faster_whisper_baseline.py`. */
  baseline?: string;
}

interface FileResult extends RecordingScore {
  file: string;
  kind: Recording['kind'];
  language: string;
  text: string;
  speakerCount: number;
  audioSeconds: number;
  seconds: Heard['seconds'];
  wer?: number;
  der?: number;
}

export interface SpeechEvaluation extends ErrorRates {
  models: SpeechPipeline['models'];
  files: FileResult[];
  audioSeconds: number;
  /** Seconds of work for a second of audio: decoding, speech detection, transcription and diarization one after another. */
  realTimeFactor: number;
  /** Largest resident memory of this process, which ran all models. */
  peakMemoryBytes: number;
  baseline?: { system: string } & Pick<ErrorRates, 'wer' | 'werByFolder' | 'werByLanguage' | 'nonspeechWords'>;
}

/** Runs every recording of a data set through the speech chain and scores it. Malformed files are not recordings: they are left out. */
export async function evaluateSpeech(root: string, options: SpeechEvaluationOptions): Promise<SpeechEvaluation> {
  const { only = '', note } = options;
  const manifest = await readManifest(root);
  const recordings = manifest.filter(({ kind, file }) => kind !== 'malformed' && file.includes(only));
  if (recordings.length === 0) throw new LecternError('invalid-input', `${root} holds no recording to measure on`);
  const baseline = options.baseline === undefined ? undefined : await readBaseline(options.baseline);
  const pipeline = await openSpeechPipeline(options.config, note);
  try {
    const files: FileResult[] = [];
    for (const [index, recording] of recordings.entries()) {
      const result = await evaluateRecording(root, recording, pipeline);
      files.push(result);
      note(`${index + 1}/${recordings.length} ${describe(result)}`);
    }
    const audioSeconds = files.reduce((sum, file) => sum + file.audioSeconds, 0);
    const workSeconds = files.flatMap(({ seconds }) => Object.values(seconds)).reduce((sum, seconds) => sum + seconds, 0);
    return {
      models: pipeline.models,
      files,
      ...summarize(files.map((score, index) => toScored(recordings, index, score))),
      audioSeconds,
      realTimeFactor: workSeconds / audioSeconds,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      ...(baseline === undefined ? {} : { baseline: scoreBaseline(recordings, baseline) }),
    };
  } finally {
    await pipeline.close();
  }
}

async function evaluateRecording(root: string, recording: Recording, pipeline: SpeechPipeline): Promise<FileResult> {
  const { transcript, diarization, audioSeconds, seconds } = await pipeline.run(recording.path);
  const text = transcript.turns.flatMap((turn) => turn.words.map((word) => word.text.trim())).join(' ');
  const truth = recording.rttm === undefined ? undefined : await readSpeakerTruth(root, recording.rttm);
  const score = { ...scoreText(recording, text), ...(truth === undefined ? {} : scoreSpeakers(truth, transcript, diarization)) };
  const wer = score.words === undefined ? null : wordErrorRate([score.words]);
  const der = 'diarization' in score ? diarizationErrorRate([score.diarization]) : null;
  return {
    file: recording.file,
    kind: recording.kind,
    language: transcript.language,
    ...(wer === null ? {} : { wer }),
    ...(der === null ? {} : { der }),
    speakerCount: diarization.speakers.length,
    audioSeconds,
    seconds,
    ...score,
    text,
  };
}

function toScored(recordings: readonly Recording[], index: number, score: RecordingScore): Scored {
  const recording = recordings[index];
  if (recording === undefined) throw new Error('one result for each recording');
  return { recording, score };
}

function describe({ file, audioSeconds, seconds, wer, der, nonspeechWords }: FileResult): string {
  const percent = (name: string, rate: number | undefined): string => (rate === undefined ? '' : `, ${name} ${(rate * 100).toFixed(1)} %`);
  const work = Object.values(seconds).reduce((sum, part) => sum + part, 0);
  const words = nonspeechWords === undefined ? '' : `, ${nonspeechWords} words in no speech`;
  return `${file}: ${audioSeconds.toFixed(1)} s in ${work.toFixed(1)} s${percent('WER', wer)}${percent('DER', der)}${words}`;
}

const BaselineSchema = z.object({ system: z.string(), files: z.array(z.object({ file: z.string(), text: z.string() })) });

async function readBaseline(path: string): Promise<z.infer<typeof BaselineSchema>> {
  return BaselineSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** The peer's texts under the same metrics, on the same recordings. */
function scoreBaseline(
  recordings: readonly Recording[],
  baseline: z.infer<typeof BaselineSchema>,
): NonNullable<SpeechEvaluation['baseline']> {
  const texts = new Map(baseline.files.map(({ file, text }) => [file, text]));
  const scored = recordings.map((recording): Scored => {
    const text = texts.get(recording.file);
    if (text === undefined) throw new LecternError('invalid-input', `the baseline has no text for ${recording.file}`);
    return { recording, score: scoreText(recording, text) };
  });
  const { wer, werByFolder, werByLanguage, nonspeechWords } = summarize(scored);
  return { system: baseline.system, wer, werByFolder, werByLanguage, nonspeechWords };
}
