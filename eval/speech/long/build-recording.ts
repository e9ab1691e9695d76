import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaTool } from '../../../media/media-tool.ts';
import type { Recording } from '../manifest.ts';
import { planRecording, type Part, type Source } from './plan-recording.ts';

const BYTES_PER_SAMPLE = 2;

export interface LongRecording {
  /** Raw 16 kHz mono s16le. */
  path: string;
  parts: Part[];
  /** Raw audio of each source alone, by file. */
  sources: Map<string, string>;
}

export interface BuildOptions {
  seconds: number;
  seed: number;
  maxDurationSeconds: number;
}

/** Decodes the recordings into `folder` and joins them there; memory stays at one of them. */
export async function buildRecording(
  recordings: readonly Recording[],
  media: MediaTool,
  folder: string,
  { seconds, seed, maxDurationSeconds }: BuildOptions,
): Promise<LongRecording> {
  const sources = new Map<string, string>();
  const decoded: Record<'speech' | 'nonspeech', Source[]> = { speech: [], nonspeech: [] };
  for (const [index, { file, path, kind }] of recordings.entries()) {
    if (kind === 'malformed') continue;
    const pcm = join(folder, `${index}.s16le`);
    const { samples } = await media.decode(path, pcm, { maxDurationSeconds });
    sources.set(file, pcm);
    decoded[kind].push({ file, samples });
  }
  const parts = planRecording(decoded.speech, decoded.nonspeech, seconds, seed);
  const path = join(folder, 'long.s16le');
  await joinParts(parts, sources, path);
  return { path, parts, sources };
}

async function joinParts(parts: readonly Part[], sources: ReadonlyMap<string, string>, path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const { source, fromSample, samples } of parts) {
      const pcm = source === null ? undefined : sources.get(source);
      const bytes =
        pcm === undefined
          ? new Uint8Array(samples * BYTES_PER_SAMPLE)
          : (await readFile(pcm)).subarray(fromSample * BYTES_PER_SAMPLE, (fromSample + samples) * BYTES_PER_SAMPLE);
      await file.write(bytes);
    }
  } finally {
    await file.close();
  }
}
