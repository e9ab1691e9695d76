import { createHash } from 'node:crypto';
import type { VectorIndex } from '../../retrieval/vector-index.ts';
import { createApiKeyStore } from '../../storage/api-keys.ts';
import { createArtifactStore } from '../../storage/artifacts.ts';
import { audioKey, idempotencyKey, mediaKey, uploadKey } from '../../storage/keys.ts';
import { createLectureStore } from '../../storage/lectures.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { createTenantSettingsStore } from '../../storage/tenant-settings.ts';
import { createVoiceprintStore } from '../../storage/voiceprints.ts';
import { toChunk } from '../retrieval/sample-chunks.ts';

/** Everything a tenant can have in the stores, the marker in every text of it. Returns an API key. */
export async function plantTenant(
  { objects, index }: { objects: ObjectStore; index: VectorIndex },
  tenantId: string,
  lectureId: string,
  marker: string,
): Promise<string> {
  const now = new Date().toISOString();
  const body = Buffer.from(`${marker} ${'filler '.repeat(20_000)} ${marker}`);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const media = { key: mediaKey(tenantId, lectureId), sha256, bytes: body.length };
  for (const key of [media.key, uploadKey(tenantId, 'left-behind'), audioKey(tenantId, lectureId, sha256)]) await objects.put(key, body);
  await createLectureStore(objects).create({
    tenantId,
    lectureId,
    metadata: { title: marker, course: marker },
    media,
    state: 'ready',
    createdAt: now,
    updatedAt: now,
    speakerNames: { S1: marker },
    artifacts: {},
    degraded: [],
  });
  const artifacts = createArtifactStore({ objects });
  const ref = artifacts.ref({ tenantId, lectureId, stage: 'align', version: 1, inputs: [], options: {} });
  await artifacts.write(ref, { text: marker });
  await objects.put(idempotencyKey(tenantId, sha256), Buffer.from(JSON.stringify({ marker })));
  await createTenantSettingsStore(objects).update(tenantId, { voiceprints: true });
  const sample = { lectureId, speaker: 'S1', cleanSeconds: 9, enrolledAt: now, vector: 'AAAA' };
  await createVoiceprintStore(objects).enrol(tenantId, marker, { ...sample, model: { name: marker, revision: '1', precision: 'fp32' } });
  const chunks = Array.from({ length: 40 }, (_, ordinal) => toChunk(ordinal, { text: `${marker} ${ordinal}`, context: marker }));
  await index.writeChunks(tenantId, { lectureId, title: marker, course: marker }, 'g1', chunks);
  await index.activate(tenantId, { lectureId, title: marker, course: marker }, 'g1', chunks.length, null);
  // A generation that no reader ever saw.
  await index.writeChunks(tenantId, { lectureId, title: marker }, 'g2', chunks);
  return (await createApiKeyStore(objects).create(tenantId, { name: marker, role: 'admin' })).key;
}
