import { decodeAudio } from './decode-audio.ts';
import { inspectMedia } from './inspect-media.ts';
import type { MediaTool } from './media-tool.ts';

/** `MediaTool` by an ffmpeg process for each call. `ffmpegPath` comes from `findFfmpeg`. */
export function createMediaTool({ ffmpegPath }: { ffmpegPath: string }): MediaTool {
  return {
    probe: async (path, signal) => (await inspectMedia(ffmpegPath, path, signal)).info,
    decode: (path, outPath, options) => decodeAudio(ffmpegPath, path, outPath, options),
  };
}
