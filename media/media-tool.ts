import type { ChannelComparison, MediaInfo } from '../contracts/media.ts';

export interface DecodeOptions {
  signal?: AbortSignal;
  /** Longer recordings are refused as `invalid-input`, whatever their header claims. */
  maxDurationSeconds: number;
  /** Seconds of audio written so far, about once a second. */
  onProgress?: (doneSeconds: number) => void;
  /** One channel of two alone; all of them mixed when absent. */
  channel?: 'left' | 'right';
}

export interface DecodedAudio {
  samples: number;
  /** How the channels differ that were mixed, where there are two. */
  channels?: ChannelComparison;
}

/**
 * What is done with an uploaded file before any model hears it. The file is hostile until proven otherwise.
 * Errors: `unsupported-media` (no audio, not a known format, nothing decodable), `invalid-input` (empty, too long),
 * `out-of-resources` (disk full), `unavailable` (no ffmpeg).
 */
export interface MediaTool {
  probe(path: string, signal?: AbortSignal): Promise<MediaInfo>;
  /**
   * Writes raw signed 16-bit little-endian mono at `SAMPLE_RATE` to `outPath`, whole or not at all. Of two channels of which one is
   * the other upside down, so that their mean is silent, it writes half the difference.
   */
  decode(path: string, outPath: string, options: DecodeOptions): Promise<DecodedAudio>;
}
