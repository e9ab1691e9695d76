import { open, rename, rm } from 'node:fs/promises';
import { LecternError } from '../contracts/errors.ts';
import { SAMPLE_RATE } from '../contracts/media.ts';
import { explainFailure } from './explain-failure.ts';
import { inputArguments } from './input-arguments.ts';
import { inspectMedia, type Inspection } from './inspect-media.ts';
import type { DecodeOptions } from './media-tool.ts';
import { runFfmpeg, type FfmpegOutcome } from './run-ffmpeg.ts';

const BYTES_PER_SAMPLE = 2;
/** Decoding runs at 300 to 500 times real time; a tenth of that is a file made to cost us. */
const CPU_SECONDS_PER_SECOND = 1 / 30;

/** Decodes the first audio track to `outPath`, through a neighbour that is renamed when it is whole. */
export async function decodeAudio(ffmpegPath: string, path: string, outPath: string, options: DecodeOptions): Promise<{ samples: number }> {
  const inspection = await inspectMedia(ffmpegPath, path, options.signal);
  const partial = `${outPath}.part`;
  try {
    const bytes = await writeDecoded(ffmpegPath, path, partial, inspection, options);
    await rename(partial, outPath);
    return { samples: bytes / BYTES_PER_SAMPLE };
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
  options: DecodeOptions,
): Promise<number> {
  const maxBytes = Math.floor(options.maxDurationSeconds * SAMPLE_RATE) * BYTES_PER_SAMPLE;
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
        if (bytes + chunk.length > maxBytes) throw tooLong(options.maxDurationSeconds);
        await file.appendFile(chunk);
        bytes += chunk.length;
        options.onProgress?.(bytes / BYTES_PER_SAMPLE / SAMPLE_RATE);
      },
    });
  } finally {
    await file.close();
  }
  // A file that breaks off gives what it holds; ffmpeg's exit code says no more than that something was wrong.
  if (outcome.exitCode === null || bytes < BYTES_PER_SAMPLE) throw explainFailure(outcome, 'silent-track');
  return bytes;
}

/** Floating-point samples may be no numbers at all, which would become the loudest click there is: they are silence. */
const FINITE = String.raw`aeval=if(isnan(val(ch))+isinf(val(ch))\,0\,val(ch)):c=same`;

/** Gaps in the container's clock become silence, so that a second of transcript is a second of the player. */
function outputArguments({ info, layoutKnown }: Inspection): string[] {
  const filters = ['aresample=async=1:first_pts=0'];
  if (!layoutKnown) filters.unshift(averageOf(info.channels));
  if (info.codec.startsWith('pcm_f')) filters.unshift(FINITE);
  const out = `-ac 1 -ar ${SAMPLE_RATE} -f s16le pipe:1`;
  return `-map 0:a:0 -vn -sn -dn -map_metadata -1 -af ${filters.join(',')} ${out}`.split(' ');
}

/** ffmpeg cannot mix down channels that belong to no loudspeaker. */
function averageOf(channels: number): string {
  const share = (1 / channels).toFixed(6);
  return `pan=mono|c0=${Array.from({ length: channels }, (_, channel) => `${share}*c${channel}`).join('+')}`;
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
