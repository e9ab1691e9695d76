import { stat } from 'node:fs/promises';
import { LecternError } from '../contracts/errors.ts';
import type { MediaInfo } from '../contracts/media.ts';
import { sniffContainer, type Container } from './container.ts';
import { explainFailure } from './explain-failure.ts';
import { inputArguments } from './input-arguments.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

export interface Inspection {
  container: Container;
  info: MediaInfo;
  /** False for more channels than any loudspeaker set-up: they are then averaged. */
  layoutKnown: boolean;
}

const MAX_REPORT_BYTES = 64 * 1024;

/**
 * Looks at a file without decoding it. ffmpeg's `framecrc` output names each track's codec, rate and layout in lines made
 * for machines, in every build of ffmpeg, where `ffprobe` may be missing. What it does not name (the claimed duration,
 * whether there are pictures) is read from the log; nothing is decided on it.
 */
export async function inspectMedia(ffmpegPath: string, path: string, signal?: AbortSignal): Promise<Inspection> {
  const { size } = await stat(path);
  if (size === 0) throw new LecternError('invalid-input', 'the file is empty', { cure: 'Upload the recording again.' });
  const container = await sniffContainer(path);
  if (container === undefined) {
    throw new LecternError('unsupported-media', 'the file is not a recording in a known format', {
      cure: 'Upload audio or video: MP4, MOV, WebM, MKV, MP3, M4A, WAV, OGG, FLAC, AAC, WMA or AVI.',
    });
  }
  let report = '';
  const outcome = await runFfmpeg(ffmpegPath, {
    args: [...inputArguments(path, container), ...'-map 0:a -c copy -t 0 -f framecrc pipe:1'.split(' ')],
    maxCpuSeconds: 60,
    stallSeconds: 60,
    signal,
    onOutput: (chunk) => {
      if (report.length < MAX_REPORT_BYTES) report += chunk.toString('latin1');
    },
  });
  const [audio] = parseStreams(report);
  const hasVideo = /^ {2}Stream #0:\d+.*: Video: (?!.*\(attached pic\))/m.test(outcome.log);
  if (audio === undefined) throw explainFailure(outcome, hasVideo ? 'picture-only' : 'unreadable');
  const layout = audio['channel_layout_name'] ?? audio['channel_layout'] ?? '';
  const channels = channelsOf(layout);
  if (channels === 0) throw explainFailure(outcome, 'no-channels');
  return {
    container,
    layoutKnown: !layout.includes('channels'),
    info: {
      container: container.name,
      codec: audio['codec_id'] ?? 'unknown',
      durationSeconds: parseDuration(outcome.log),
      sampleRate: Number(audio['sample_rate'] ?? 0),
      channels,
      hasVideo,
    },
  };
}

/** Lines `#key index: value`, by stream. */
export function parseStreams(report: string): Record<string, string>[] {
  const streams: Record<string, string>[] = [];
  for (const [, key = '', index = '', value = ''] of report.matchAll(/^#(\w+) (\d+): *(.*)$/gm)) {
    (streams[Number(index)] ??= {})[key] = value;
  }
  return streams.filter((stream) => stream !== undefined);
}

/** The container's own claim; 0 where it makes none. */
function parseDuration(log: string): number {
  const [, hours, minutes, seconds] = /^ {2}Duration: (\d+):(\d\d):(\d\d\.\d+)/m.exec(log) ?? [];
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
}

/** Loudspeaker layouts that are words; all others start with their numbers. */
const NAMED_LAYOUTS: Record<string, number> = {
  mono: 1,
  stereo: 2,
  downmix: 2,
  quad: 4,
  hexagonal: 6,
  octagonal: 8,
  cube: 8,
  hexadecagonal: 16,
};

/** `stereo`, `5.1(side)`, `9 channels`, or a hexadecimal mask as ffmpeg before 5.1 writes it. */
export function channelsOf(layout: string): number {
  const word = /^[a-z]+/.exec(layout)?.[0];
  const named = word === undefined ? undefined : NAMED_LAYOUTS[word];
  if (named !== undefined) return named;
  const count = /^(\d+) channels/.exec(layout)?.[1];
  if (count !== undefined) return Number(count);
  if (/^\d+\.\d+/.test(layout)) return (layout.match(/^[\d.]+/)?.[0] ?? '').split('.').reduce((sum, part) => sum + Number(part), 0);
  if (/^[0-9a-f]+$/.test(layout)) return BigInt(`0x${layout}`).toString(2).replaceAll('0', '').length;
  return layout.split('+').length;
}
