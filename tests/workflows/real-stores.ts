import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../contracts/config.ts';
import type { IngestInput } from '../../contracts/ingest.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { createMediaTool } from '../../media/ffmpeg.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
import { measureWaveform } from '../../media/waveform.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import type { VectorIndex } from '../../retrieval/vector-index.ts';
import { createArtifactStore } from '../../storage/artifacts.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import { audioKey, mediaKey, toLectureId } from '../../storage/keys.ts';
import { createLectureStore, type LectureStore } from '../../storage/lectures.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { openPcmObject } from '../../storage/pcm-object-source.ts';
import { createTenantSettingsStore } from '../../storage/tenant-settings.ts';
import type { CpuDeps, GpuDeps } from '../../worker/create-activities.ts';
import type { ScriptedModels } from './scripted-models.ts';

const TENANT = 'demo';

export interface RealStores {
  folder: string;
  objects: ObjectStore;
  lectures: LectureStore;
  index: VectorIndex;
  spoolDir: string;
  /** All that the activities need, with these models. */
  deps(models: ScriptedModels): CpuDeps & GpuDeps;
  /** Stores a recording and its lecture document, as the API does. */
  upload(recording: Buffer): Promise<IngestInput>;
  close(): Promise<void>;
}

/** Folder, SQLite index and ffmpeg: what one machine runs on, in a temporary folder; other objects where `openObjects` says so. */
export async function openRealStores(
  existing?: string,
  openObjects: (root: string) => Promise<ObjectStore> = openFilesystemObjectStore,
): Promise<RealStores> {
  const folder = existing ?? (await mkdtemp(join(tmpdir(), 'lectern-stages-')));
  const objects = await openObjects(join(folder, 'store'));
  const index = await openSqliteVectorIndex({ path: join(folder, 'index.sqlite') });
  const lectures = createLectureStore(objects);
  const spoolDir = join(folder, 'spool');
  const media = async () => {
    const store = await openModelStore(toModelStoreOptions(parseConfig(process.env)));
    const { path } = await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg')).path('ffmpeg') });
    return createMediaTool({ ffmpegPath: path });
  };
  return {
    folder,
    objects,
    lectures,
    index,
    spoolDir,
    deps: (models) => ({
      ...models,
      artifacts: createArtifactStore({ objects }),
      objects,
      lectures,
      index,
      settings: createTenantSettingsStore(objects),
      media,
      measureWaveform,
      audioKey,
      openAudio: (key) => openPcmObject(objects, key),
      contextualizer: null,
      contextBudget: { seconds: 60, tokens: 100_000 },
      spoolDir,
      maxDurationSeconds: 3_600,
    }),
    async upload(recording) {
      const sha256 = createHash('sha256').update(recording).digest('hex');
      const lectureId = toLectureId(TENANT, sha256);
      const recorded = { key: mediaKey(TENANT, lectureId), sha256, bytes: recording.length };
      await objects.put(recorded.key, recording);
      const now = new Date().toISOString();
      await lectures.create({
        tenantId: TENANT,
        lectureId,
        metadata: { title: 'Codes', course: 'CS-101' },
        media: recorded,
        state: 'processing',
        createdAt: now,
        updatedAt: now,
        speakerNames: {},
        artifacts: {},
        degraded: [],
      });
      return { tenantId: TENANT, lectureId, media: recorded, options: { priority: 'normal' } };
    },
    async close() {
      await index.close();
      await objects.close();
      await rm(folder, { recursive: true });
    },
  };
}
