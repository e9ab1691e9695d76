import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { LecternError } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import { MAX_VOICEPRINT_SAMPLES, VoiceprintSchema, type Voiceprint, type VoiceSample } from '../contracts/voiceprints.ts';
import { createJsonDocument, type JsonDocument } from './json-document.ts';
import { isVoicesKey, lecturesPrefix, voiceprintsKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Voices that people have put names to, a document a tenant: enrolments and deletions at once cannot undo each other, and no name
 * is in a key. Biometric data: nothing is written here unless the tenant has opted in, which the caller sees to.
 */
export interface VoiceprintStore {
  /** By name. */
  list(tenantId: TenantId): Promise<Voiceprint[]>;
  /**
   * Adds a sample to the voiceprint of this name, made where there is none. A second sample of the same speaker of the same lecture
   * replaces the first; of more than `MAX_VOICEPRINT_SAMPLES` the oldest goes. Errors: `conflict` with too many voiceprints.
   */
  enrol(tenantId: TenantId, name: string, sample: VoiceSample): Promise<Voiceprint>;
  /** Errors: `not-found`. */
  delete(tenantId: TenantId, voiceprintId: string): Promise<void>;
  /** Removes the samples that came from a lecture, and the voiceprints that are nothing without them. */
  forgetLecture(tenantId: TenantId, lectureId: LectureId): Promise<void>;
  /** Removes every voiceprint of the tenant and the voices kept with its lectures. */
  forgetTenant(tenantId: TenantId): Promise<void>;
}

/** About 20 MB with all their samples: what one document can be. */
const MAX_VOICEPRINTS = 1000;
const DocumentSchema = z.object({ voiceprints: z.array(VoiceprintSchema) });
type Document = z.infer<typeof DocumentSchema>;

export function createVoiceprintStore(objects: ObjectStore): VoiceprintStore {
  const open = (tenantId: TenantId): JsonDocument<Document> =>
    createJsonDocument(objects, { key: voiceprintsKey(tenantId), schema: DocumentSchema, absent: { voiceprints: [] } });

  return {
    async list(tenantId) {
      const { voiceprints } = await open(tenantId).read();
      return voiceprints.sort((a, b) => a.name.localeCompare(b.name));
    },
    async enrol(tenantId, name, sample) {
      const voiceprintId = `vp_${randomBytes(12).toString('hex')}`;
      const { voiceprints } = await open(tenantId).update((document) => withSample(document, { voiceprintId, name, sample }));
      const enrolled = voiceprints.find((voiceprint) => isSameName(voiceprint.name, name));
      if (enrolled === undefined) throw new LecternError('internal', 'a voiceprint was not there after it was written');
      return enrolled;
    },
    async delete(tenantId, voiceprintId) {
      const found = (await open(tenantId).read()).voiceprints.some((voiceprint) => voiceprint.voiceprintId === voiceprintId);
      if (!found) throw new LecternError('not-found', 'there is nothing of this id');
      await open(tenantId).update(({ voiceprints }) => ({
        voiceprints: voiceprints.filter((voiceprint) => voiceprint.voiceprintId !== voiceprintId),
      }));
    },
    async forgetLecture(tenantId, lectureId) {
      const { voiceprints } = await open(tenantId).read();
      if (!voiceprints.some(({ samples }) => samples.some((sample) => sample.lectureId === lectureId))) return;
      await open(tenantId).update((document) => withoutLecture(document, lectureId));
    },
    async forgetTenant(tenantId) {
      await open(tenantId).delete();
      for await (const { key } of objects.list(lecturesPrefix(tenantId))) {
        if (isVoicesKey(key)) await objects.delete(key);
      }
    },
  };
}

function withSample({ voiceprints }: Document, enrolment: { voiceprintId: string; name: string; sample: VoiceSample }): Document {
  const { voiceprintId, name, sample } = enrolment;
  const before = voiceprints.find((voiceprint) => isSameName(voiceprint.name, name));
  if (before === undefined && voiceprints.length >= MAX_VOICEPRINTS) {
    throw new LecternError('conflict', `there are ${MAX_VOICEPRINTS} voiceprints, more are not kept`, {
      cure: 'Delete those of people who no longer lecture.',
    });
  }
  const others = (before?.samples ?? []).filter(({ lectureId, speaker }) => lectureId !== sample.lectureId || speaker !== sample.speaker);
  const enrolled: Voiceprint = {
    ...(before ?? { voiceprintId, name, createdAt: sample.enrolledAt }),
    samples: [...others, sample].slice(-MAX_VOICEPRINT_SAMPLES),
  };
  return { voiceprints: [...voiceprints.filter((voiceprint) => voiceprint !== before), enrolled] };
}

function withoutLecture({ voiceprints }: Document, lectureId: LectureId): Document {
  return {
    voiceprints: voiceprints
      .map((voiceprint) => ({ ...voiceprint, samples: voiceprint.samples.filter((sample) => sample.lectureId !== lectureId) }))
      .filter(({ samples }) => samples.length > 0),
  };
}

function isSameName(a: string, b: string): boolean {
  return a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase();
}
