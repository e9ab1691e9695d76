import { createHash } from 'node:crypto';
import { z, type ZodType } from 'zod';
import { LecternError } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { ArtifactRef } from '../contracts/ingest.ts';
import { toCanonicalJson } from './canonical-json.ts';
import { artifactKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** All that a stage's result depends on; what is named the same is the same. */
export interface ArtifactId {
  tenantId: TenantId;
  lectureId: LectureId;
  stage: string;
  /** Of the stage's code: raised with every change of its results. */
  version: number;
  /** Digests of what the stage reads, in its order. */
  inputs: readonly string[];
  /** The model that runs, where one does. */
  model?: { name: string; revision: string; precision: string; decoding?: string } | null;
  /** What the stage was told beyond its inputs; must have a JSON form. */
  options?: unknown;
}

/** Results of stages, stored under the digest of what they depend on. Having the artifact is having done the stage. */
export interface ArtifactStore {
  /** Where the artifact of `id` lies, whether it is there or not. */
  ref(id: ArtifactId): ArtifactRef;
  /** True when it is there and whole. A damaged one is reported and counts as absent: the stage computes it anew. */
  has(ref: Pick<ArtifactRef, 'key'>): Promise<boolean>;
  /** Errors: `not-found`; `internal` for a damaged one or one that is not of the schema. */
  read<T>(ref: Pick<ArtifactRef, 'key'>, schema: ZodType<T>): Promise<T>;
  write(ref: Pick<ArtifactRef, 'key'>, value: unknown): Promise<void>;
}

export interface ArtifactStoreDeps {
  objects: ObjectStore;
  /** Told of each damaged artifact that is found. */
  onDamaged?: (key: string) => void;
}

/*
 * An artifact is `{"sha256":"<of the value's JSON text>","value":<JSON>}`, in exactly these bytes, so that damage shows before
 * anything is parsed.
 */
const HEAD_BYTES = '{"sha256":"'.length + 64 + '","value":'.length;

export function createArtifactStore({ objects, onDamaged = () => undefined }: ArtifactStoreDeps): ArtifactStore {
  async function load(key: string): Promise<Uint8Array | undefined> {
    const { body } = await objects.get(key);
    const value = body.subarray(HEAD_BYTES, -1);
    if (Buffer.from(body.subarray(0, HEAD_BYTES)).equals(headOf(value))) return value;
    onDamaged(key);
    return undefined;
  }

  return {
    ref({ tenantId, lectureId, stage, version, inputs, model = null, options = null }) {
      const digest = createHash('sha256').update(toCanonicalJson({ stage, version, inputs, model, options })).digest('hex');
      return { key: artifactKey(tenantId, lectureId, stage, digest), digest };
    },
    async has({ key }) {
      if ((await objects.head(key)) === undefined) return false;
      return (await load(key)) !== undefined;
    },
    async read(ref, schema) {
      const value = await load(ref.key);
      if (value === undefined) throw unreadable(ref.key, 'its checksum is wrong');
      const parsed = schema.safeParse(JSON.parse(Buffer.from(value).toString()));
      if (!parsed.success) throw unreadable(ref.key, z.prettifyError(parsed.error));
      return parsed.data;
    },
    async write({ key }, value) {
      const text = Buffer.from(JSON.stringify(value));
      await objects.put(key, Buffer.concat([headOf(text), text, Buffer.from('}')]), { contentType: 'application/json' });
    },
  };
}

function headOf(value: Uint8Array): Buffer {
  return Buffer.from(`{"sha256":"${createHash('sha256').update(value).digest('hex')}","value":`);
}

function unreadable(key: string, reason: string): LecternError {
  return new LecternError('internal', `artifact ${key} is damaged: ${reason}`, {
    cure: 'Ingest the recording again: damaged artifacts are computed anew.',
  });
}
