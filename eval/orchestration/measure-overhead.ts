import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { coveredMs } from './call-log.ts';
import { readStageOverheads } from './history-figures.ts';
import { startMeasuredStack, type MeasuredStack } from './measured-stack.ts';
import { ffmpegPath } from './measure-ingests.ts';
import { round, sum } from './statistics.ts';

const DEMO_LECTURE = join(import.meta.dirname, '../../demo/lecture.opus');
const WARM_UP_SECONDS = 45;

export interface OverheadFigures {
  audioSeconds: number;
  /** From the first byte of the upload to the end of the run. */
  ingestSeconds: number;
  /** Of these, those in which a model or ffmpeg was at work. */
  inferenceAndFfmpegSeconds: number;
  overheadSeconds: number;
  /** Share of the ingest in which neither was. */
  overheadShare: number;
  /** Of the overhead: from the first byte of the upload to the answer of the API. */
  uploadSeconds: number;
  /** Temporal's part by the history: waits of the queue that was free, and workflow tasks. Side by side counted twice. */
  temporalSeconds: number;
}

/** One lecture with the real models: how much of its ingest is neither inference nor ffmpeg. */
export async function measureOverhead(
  minutes: number,
  environment: NodeJS.ProcessEnv,
  note: (line: string) => void,
): Promise<OverheadFigures> {
  const stack = await startMeasuredStack('real', environment, note);
  try {
    note('warming up');
    await (await stack.upload(await makeSpeech(stack, WARM_UP_SECONDS))).run.result();
    const file = await makeSpeech(stack, minutes * 60);
    note(`${minutes} min of speech`);
    const fromMs = Date.now();
    const { run } = await stack.upload(file);
    const uploadSeconds = (Date.now() - fromMs) / 1_000;
    await run.result();
    const toMs = Date.now();
    const atWorkMs = coveredMs(await stack.calls(), fromMs, toMs);
    const overheads = readStageOverheads(await run.fetchHistory());
    // What waits for the one slot of the GPU waits for inference.
    const ofTemporal = overheads.map(({ activity, queueMs, decideMs }) => (WAITS_FOR_INFERENCE.has(activity) ? 0 : queueMs) + decideMs);
    return {
      audioSeconds: minutes * 60,
      ingestSeconds: round((toMs - fromMs) / 1_000),
      inferenceAndFfmpegSeconds: round(atWorkMs / 1_000, 2),
      overheadSeconds: round((toMs - fromMs - atWorkMs) / 1_000, 2),
      overheadShare: round(1 - atWorkMs / (toMs - fromMs), 4),
      uploadSeconds: round(uploadSeconds, 2),
      temporalSeconds: round(sum(ofTemporal) / 1_000, 2),
    };
  } finally {
    await stack.stop();
  }
}

const WAITS_FOR_INFERENCE: ReadonlySet<string> = new Set(['transcribePiece', 'diarize']);

/** The demo lecture from the start, again and again, as FLAC. */
async function makeSpeech({ config }: MeasuredStack, seconds: number): Promise<string> {
  const path = join(config.LECTERN_DATA, `${seconds}.flac`);
  const input = ['-stream_loop', '-1', '-i', DEMO_LECTURE, '-t', String(seconds), '-ar', '16000'];
  await promisify(execFile)(await ffmpegPath(config), ['-nostdin', '-v', 'error', ...input, path]);
  return path;
}
