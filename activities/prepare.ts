import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LecternError } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { CpuActivities, IngestInput } from '../contracts/ingest.ts';
import { PreparedMediaSchema, SAMPLE_RATE, type PreparedMedia } from '../contracts/media.ts';
import type { DecodeOptions, MediaTool } from '../media/media-tool.ts';
import type { Waveform } from '../media/waveform.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { toActivity, type ActivityRun } from './activity.ts';
import { runStage } from './run-stage.ts';
import { mayBeSpeakers } from './separate-channels.ts';
import { withSpoolFolder } from './spool.ts';

const VERSION = 2;

type Channel = 'left' | 'right';

export interface PrepareDeps {
  artifacts: ArtifactStore;
  objects: ObjectStore;
  /** Opened at the first recording: finding ffmpeg may fetch one. */
  media(): Promise<MediaTool>;
  measureWaveform(chunks: AsyncIterable<Uint8Array>, totalSamples: number): Promise<Waveform>;
  /** Where the decoded audio of an artifact lies, all of it or one channel. */
  audioKey(tenantId: TenantId, lectureId: LectureId, digest: string, channel?: Channel): string;
  /** Folder for temporary files. */
  spoolDir: string;
  maxDurationSeconds: number;
}

/**
 * Probes the recording and decodes it to what every model hears: mono s16le at 16 kHz, stored beside the artifact. Two channels that
 * may be a speaker each are stored by themselves as well.
 */
export function createPrepareActivity(deps: PrepareDeps): CpuActivities['prepare'] {
  return toActivity(async ({ tenantId, lectureId, media }, run) => {
    const { value, ...result } = await runStage<PreparedMedia>(deps.artifacts, run.signal, {
      id: { tenantId, lectureId, stage: 'prepare', version: VERSION, inputs: [media.sha256] },
      schema: PreparedMediaSchema,
      compute: ({ digest }) =>
        withSpoolFolder(deps.spoolDir, async (folder) => {
          const original = join(folder, 'original');
          await fetchOriginal(deps.objects, media, original, run);
          const keyOf = (channel?: Channel): string => deps.audioKey(tenantId, lectureId, digest, channel);
          return decode(deps, original, join(folder, 'audio.s16le'), keyOf, run);
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

async function decode(
  deps: PrepareDeps,
  original: string,
  pcm: string,
  keyOf: (channel?: Channel) => string,
  run: ActivityRun,
): Promise<PreparedMedia> {
  const { signal } = run;
  const tool = await deps.media();
  const media = await tool.probe(original, signal);
  const options: DecodeOptions = {
    signal,
    maxDurationSeconds: deps.maxDurationSeconds,
    onProgress: (doneSeconds) => run.progress({ step: 'decode', doneSeconds, totalSeconds: media.durationSeconds }),
  };
  const { samples, channels } = await tool.decode(original, pcm, options);
  run.progress({ step: 'measure' });
  const waveform = await deps.measureWaveform(createReadStream(pcm, { signal }), samples);
  const store = async (key: string): Promise<string> => {
    run.progress({ step: 'store' });
    await deps.objects.put(key, createReadStream(pcm, { signal }));
    return key;
  };
  const storeChannel = async (channel: Channel): Promise<string> => {
    await tool.decode(original, pcm, { ...options, channel });
    return store(keyOf(channel));
  };
  const audioKey = await store(keyOf());
  const prepared = { media, audioKey, durationSeconds: samples / SAMPLE_RATE, ...waveform };
  if (channels === undefined) return prepared;
  if (!mayBeSpeakers(channels)) return { ...prepared, channels };
  return { ...prepared, channels: { ...channels, audioKeys: [await storeChannel('left'), await storeChannel('right')] } };
}
