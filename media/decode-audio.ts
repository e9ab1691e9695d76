import { open, rename, rm } from 'node:fs/promises';
import { LecternError } from '../contracts/errors.ts';
import { SAMPLE_RATE, type ChannelComparison } from '../contracts/media.ts';
import { createChannelMeter } from './channel-meter.ts';
import { explainFailure } from './explain-failure.ts';
import { inputArguments } from './input-arguments.ts';
import { inspectMedia, type Inspection } from './inspect-media.ts';
import type { DecodedAudio, DecodeOptions } from './media-tool.ts';
import { outputArguments } from './output-arguments.ts';
import { runFfmpeg, type FfmpegOutcome } from './run-ffmpeg.ts';
import { createStereoMixer, type StereoMix } from './stereo-mix.ts';

const BYTES_PER_SAMPLE = 2;
/** Decoding runs at 300 to 500 times real time; a tenth of that is a file made to cost us. */
const CPU_SECONDS_PER_SECOND = 1 / 30;
/** From here on the mean of two channels is 3 dB or more below their difference: one of them is upside down. */
const UPSIDE_DOWN_CORRELATION = -0.33;

/** Decodes the first audio track to `outPath`, through a neighbour that is renamed when it is whole. */
export async function decodeAudio(ffmpegPath: string, path: string, outPath: string, options: DecodeOptions): Promise<DecodedAudio> {
  const inspection = await inspectMedia(ffmpegPath, path, options.signal);
  const partial = `${outPath}.part`;
  try {
    const decode = (mix: StereoMix): Promise<DecodedAudio> => writeDecoded(ffmpegPath, path, partial, inspection, { ...options, mix });
    const decoded = await decode(options.channel ?? 'mean');
    const isUpsideDown = (decoded.channels?.correlation ?? 0) <= UPSIDE_DOWN_CORRELATION;
    if (options.channel === undefined && isUpsideDown) await decode('difference');
    await rename(partial, outPath);
    return decoded;
  } catch (error) {
    await rm(partial, { force: true });
    throw isDiskFull(error)
      ? new LecternError('out-of-resources', 'the disk is full: the decoded audio could not be written', {
          cure: 'Free disk space.',
          cause: error,
        })
      : error;
  }
}

async function writeDecoded(
  ffmpegPath: string,
  path: string,
  partial: string,
  inspection: Inspection,
  options: DecodeOptions & { mix: StereoMix },
): Promise<DecodedAudio> {
  const maxBytes = Math.floor(options.maxDurationSeconds * SAMPLE_RATE) * BYTES_PER_SAMPLE;
  const toMono = monoOf(inspection, options.mix);
  const file = await open(partial, 'w');
  let bytes = 0;
  let outcome: FfmpegOutcome;
  try {
    outcome = await runFfmpeg(ffmpegPath, {
      args: ['-v', 'error', ...inputArguments(path, inspection.container), ...outputArguments(inspection)],
      maxCpuSeconds: 60 + options.maxDurationSeconds * CPU_SECONDS_PER_SECOND,
      stallSeconds: 120,
      signal: options.signal,
      onOutput: async (chunk) => {
        const mono = toMono.mix(chunk);
        if (bytes + mono.length > maxBytes) throw tooLong(options.maxDurationSeconds);
        await file.appendFile(mono);
        bytes += mono.length;
        options.onProgress?.(bytes / BYTES_PER_SAMPLE / SAMPLE_RATE);
      },
    });
  } finally {
    await file.close();
  }
  // A file that breaks off gives what it holds; ffmpeg's exit code says no more than that something was wrong.
  if (outcome.exitCode === null || bytes < BYTES_PER_SAMPLE) throw explainFailure(outcome, 'silent-track');
  return { samples: bytes / BYTES_PER_SAMPLE, ...toMono.compared() };
}

/** What makes mono of ffmpeg's output, which has two channels where the recording has, and tells how they differ. */
function monoOf(
  { info }: Inspection,
  mix: StereoMix,
): { mix: (chunk: Buffer) => Buffer; compared: () => { channels?: ChannelComparison } } {
  if (info.channels !== 2) return { mix: (chunk) => chunk, compared: () => ({}) };
  const meter = createChannelMeter();
  return { mix: createStereoMixer(mix, meter.add), compared: () => ({ channels: meter.result() }) };
}

function tooLong(maxDurationSeconds: number): LecternError {
  const hours = Math.round((maxDurationSeconds / 3600) * 100) / 100;
  return new LecternError('invalid-input', `the recording is longer than ${hours} hours`, {
    cure: 'Cut it into parts, or raise LECTERN_MAX_DURATION_SECONDS.',
    details: { maxDurationSeconds },
  });
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
