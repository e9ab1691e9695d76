import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LecternError } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { CpuActivities, IngestInput } from '../contracts/ingest.ts';
import { PreparedMediaSchema, SAMPLE_RATE, type PreparedMedia } from '../contracts/media.ts';
import type { MediaTool } from '../media/media-tool.ts';
import type { Waveform } from '../media/waveform.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { toActivity, type ActivityRun } from './activity.ts';
import { runStage } from './run-stage.ts';
import { withSpoolFolder } from './spool.ts';

const VERSION = 1;

export interface PrepareDeps {
  artifacts: ArtifactStore;
  objects: ObjectStore;
  /** Opened at the first recording: finding ffmpeg may fetch one. */
  media(): Promise<MediaTool>;
  measureWaveform(chunks: AsyncIterable<Uint8Array>, totalSamples: number): Promise<Waveform>;
  /** Where the decoded audio of an artifact lies. */
  audioKey(tenantId: TenantId, lectureId: LectureId, digest: string): string;
  /** Folder for temporary files. */
  spoolDir: string;
  maxDurationSeconds: number;
}

/** Probes the recording and decodes it to what every model hears: mono s16le at 16 kHz, stored beside the artifact. */
export function createPrepareActivity(deps: PrepareDeps): CpuActivities['prepare'] {
  return toActivity(async ({ tenantId, lectureId, media }, run) => {
    const { value, ...result } = await runStage<PreparedMedia>(deps.artifacts, run.signal, {
      id: { tenantId, lectureId, stage: 'prepare', version: VERSION, inputs: [media.sha256] },
      schema: PreparedMediaSchema,
      compute: ({ digest }) =>
        withSpoolFolder(deps.spoolDir, async (folder) => {
          const original = join(folder, 'original');
          await fetchOriginal(deps.objects, media, original, run);
          return decode(deps, original, join(folder, 'audio.s16le'), deps.audioKey(tenantId, lectureId, digest), run);
        }),
    });
    return { ...result, durationSeconds: value.durationSeconds };
  });
}

async function fetchOriginal(objects: ObjectStore, media: IngestInput['media'], path: string, run: ActivityRun): Promise<void> {
  const hash = createHash('sha256');
  let doneBytes = 0;
  const watch = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      doneBytes += chunk.length;
      run.progress({ step: 'fetch', doneBytes, totalBytes: media.bytes });
      done(null, chunk);
    },
  });
  await pipeline(Readable.from(await objects.stream(media.key)), watch, createWriteStream(path), { signal: run.signal });
  if (hash.digest('hex') !== media.sha256) {
    throw new LecternError('internal', `the stored recording ${media.key} is not the one that was uploaded: its checksum differs`, {
      cure: 'Delete the lecture and upload the recording again.',
    });
  }
}

async function decode(deps: PrepareDeps, original: string, pcm: string, audioKey: string, run: ActivityRun): Promise<PreparedMedia> {
  const { signal } = run;
  const tool = await deps.media();
  const media = await tool.probe(original, signal);
  const { samples } = await tool.decode(original, pcm, {
    signal,
    maxDurationSeconds: deps.maxDurationSeconds,
    onProgress: (doneSeconds) => run.progress({ step: 'decode', doneSeconds, totalSeconds: media.durationSeconds }),
  });
  run.progress({ step: 'measure' });
  const waveform = await deps.measureWaveform(createReadStream(pcm, { signal }), samples);
  run.progress({ step: 'store' });
  await deps.objects.put(audioKey, createReadStream(pcm, { signal }));
  return { media, audioKey, durationSeconds: samples / SAMPLE_RATE, ...waveform };
}
