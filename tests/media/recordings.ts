import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseConfig } from '../../contracts/config.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { createMediaTool } from '../../media/ffmpeg.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
import type { MediaTool } from '../../media/media-tool.ts';

const run = promisify(execFile);

export const DEMO_LECTURE = join(import.meta.dirname, '../../demo/lecture.opus');
/** Real broken files, where the machine has them: their README says that they are never committed. */
export const DATA_FOLDER = join(import.meta.dirname, '../../../shared/data');

export interface Workbench {
  folder: string;
  ffmpegPath: string;
  tool: MediaTool;
  /** Makes a file with ffmpeg: arguments between the program's name and the output. Returns its path. */
  make: (name: string, args: string[]) => Promise<string>;
  /** Decodes to samples in -1..1. */
  decode: (path: string) => Promise<Float32Array>;
  close: () => Promise<void>;
}

/** A folder of its own and the ffmpeg that Lectern would use on this machine. */
export async function openWorkbench(): Promise<Workbench> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-media-'));
  const models = await openModelStore(toModelStoreOptions(parseConfig(process.env)));
  const { path: ffmpegPath } = await findFfmpeg({ bundled: async () => (await models.ensure('ffmpeg')).path('ffmpeg') });
  const tool = createMediaTool({ ffmpegPath });
  return {
    folder,
    ffmpegPath,
    tool,
    async make(name, args) {
      const path = join(folder, name);
      await run(ffmpegPath, ['-nostdin', '-v', 'error', '-y', ...args, path]);
      return path;
    },
    async decode(path) {
      const out = join(folder, 'decoded.raw');
      await tool.decode(path, out, { maxDurationSeconds: 3600 });
      const bytes = await readFile(out);
      return Float32Array.from(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2), (sample) => sample / 32_768);
    },
    close: () => rm(folder, { recursive: true }),
  };
}

/** Root mean square. */
export function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

/** The shift of `b` against `a`, within a tenth of a second, at which they are most alike, and how alike (1: the same but for the level). */
export function likeness(a: Float32Array, b: Float32Array): { shiftSeconds: number; correlation: number } {
  let best = { shiftSeconds: 0, correlation: -1 };
  const span = 1600;
  const length = Math.min(a.length, b.length) - 2 * span;
  for (let shift = -span; shift <= span; shift += 4) {
    let product = 0;
    let powerA = 0;
    let powerB = 0;
    for (let index = span; index < span + length; index += 3) {
      const x = a[index] ?? 0;
      const y = b[index + shift] ?? 0;
      product += x * y;
      powerA += x * x;
      powerB += y * y;
    }
    const correlation = product / Math.sqrt(powerA * powerB);
    if (correlation > best.correlation) best = { shiftSeconds: shift / 16_000, correlation };
  }
  return best;
}
