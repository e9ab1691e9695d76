import type { ArtifactRef, StageContext } from '../contracts/ingest.ts';
import type { Diarization } from '../contracts/transcript.ts';
import { encodeVoice } from '../contracts/voice-vector.ts';
import { LectureVoicesSchema, type LectureVoices } from '../contracts/voiceprints.ts';
import type { Diarizer, Voices } from '../inference/diarizer.ts';
import type { PcmSource } from '../inference/pcm-source.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { TenantSettingsStore } from '../storage/tenant-settings.ts';
import type { LoadableModel } from './loadable-model.ts';
import { runStage } from './run-stage.ts';

const VERSION = 1;

export interface KeepVoicesDeps {
  artifacts: ArtifactStore;
  objects: Pick<ObjectStore, 'delete'>;
  settings: Pick<TenantSettingsStore, 'get'>;
  diarizer: LoadableModel<Diarizer>;
}

interface DiarizedRecording extends StageContext {
  /** The artifact whose speakers these are, and what it says. */
  artifact: ArtifactRef;
  diarization: Diarization;
  openAudio: () => Promise<PcmSource>;
}

/**
 * Keeps the voices of a recording's speakers beside its diarization, for a tenant that has opted in; for any other `undefined`, and
 * nothing is measured. `reused` when they were there.
 */
export async function keepVoices(
  deps: KeepVoicesDeps,
  { tenantId, lectureId, artifact: diarized, diarization, openAudio }: DiarizedRecording,
  signal: AbortSignal,
): Promise<{ artifact: ArtifactRef; reused: boolean } | undefined> {
  const hasOptedIn = async (): Promise<boolean> => (await deps.settings.get(tenantId)).voiceprints;
  if (!(await hasOptedIn())) return undefined;
  const { artifact, reused } = await runStage<LectureVoices>(deps.artifacts, signal, {
    id: { tenantId, lectureId, stage: 'voices', version: VERSION, inputs: [diarized.digest] },
    schema: LectureVoicesSchema,
    async compute() {
      const diarizer = await deps.diarizer.load();
      return toLectureVoices(await diarizer.measureVoices(await openAudio(), diarization, signal));
    },
  });
  // Turned off while they were measured: whoever deletes a tenant's voices turns the switch off first, so one of the two sees them.
  if (await hasOptedIn()) return { artifact, reused };
  await deps.objects.delete(artifact.key);
  return undefined;
}

function toLectureVoices({ model: { name, revision, precision }, speakers }: Voices): LectureVoices {
  return {
    model: { name, revision, precision },
    voices: speakers.map(({ speaker, vector, cleanSeconds }) => ({
      speaker,
      cleanSeconds,
      vector: encodeVoice(vector),
    })),
  };
}
