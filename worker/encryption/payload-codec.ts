import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';
import { TenantIdSchema, type TenantId } from '../../contracts/identity.ts';
import { foreignMasterKey, KEY_BYTES, NONCE_BYTES, TAG_BYTES, type MasterKeys } from '../../storage/encryption/master-keys.ts';
import type { TenantKeys } from '../../storage/encryption/tenant-keys.ts';

const ENCODING = 'binary/encrypted';
/** In a payload's metadata: whose key sealed it, and which, as `<owner>/<key id>`. */
const KEY_FIELD = 'lectern-key';
/** Owner of payloads of no tenant: what a worker says of itself. No tenant can have this name. */
const INSTALLATION = '@';
const ERASURE = 'erase';
const PURPOSE = 'lectern payload 1';
const ALGORITHM = 'aes-256-gcm';

export interface PayloadCodecDeps {
  tenantKeys: Pick<TenantKeys, 'forSealing' | 'forOpening'>;
  masterKeys: Pick<MasterKeys, 'id' | 'derive'>;
}

interface PayloadKey {
  owner: string;
  id: string;
  secret: Buffer;
}

/**
 * Encrypts Temporal's payloads by the key of the tenant that a workflow's id begins with. Plain payloads, of runs that are older
 * than encryption, are read as they are. Encoding never fails: a worker that cannot say why it failed would end. So where
 * the tenant's key cannot be had, as for what belongs to no workflow, a key made of the master key is taken.
 */
export function createPayloadCodec({ tenantKeys, masterKeys }: PayloadCodecDeps): PayloadCodec {
  async function sealingKey(context: SerializationContext | undefined): Promise<PayloadKey> {
    const tenantId = tenantOf(context);
    if (tenantId !== undefined) {
      try {
        const { id, secret } = await tenantKeys.forSealing(tenantId);
        return { owner: tenantId, id, secret: derive(secret) };
      } catch {
        // What cannot be had here could not be had for decoding either, so nothing of the tenant's is in this payload but an error.
      }
    }
    return { owner: INSTALLATION, id: masterKeys.id, secret: installationKey(masterKeys.id) };
  }

  async function openingKey(owner: string, id: string): Promise<PayloadKey> {
    if (owner === INSTALLATION) return { owner, id, secret: installationKey(id) };
    return { owner, id, secret: derive((await tenantKeys.forOpening(owner, id)).secret) };
  }

  function installationKey(id: string): Buffer {
    const secret = masterKeys.derive(id, PURPOSE);
    if (secret === undefined) throw foreignMasterKey(id);
    return secret;
  }

  return {
    async encode(payloads, context) {
      if (payloads.length === 0) return [];
      const key = await sealingKey(context);
      return payloads.map((payload) => seal(payload, key));
    },
    async decode(payloads, context) {
      const tenantId = tenantOf(context);
      return Promise.all(
        payloads.map(async (payload) => {
          const named = readSealedKey(payload);
          if (named === undefined) return payload;
          if (tenantId !== undefined && named.owner !== INSTALLATION && named.owner !== tenantId) {
            throw new LecternError('internal', `a payload of tenant ${named.owner} stands in a history of tenant ${tenantId}`);
          }
          return open(payload, await openingKey(named.owner, named.id));
        }),
      );
    },
  };
}

/** Whose key sealed a payload; `undefined` for a plain one, `null` for one that belongs to no tenant. */
export function ownerOf(payload: Payload): TenantId | null | undefined {
  const named = readSealedKey(payload);
  return named?.owner === INSTALLATION ? null : named?.owner;
}

/**
 * Ids of workflows begin with their tenant: `<tenant>/<lecture>/ingest`. The erasure of a tenant outlives the tenant's key: its proof
 * is the installation's.
 */
function tenantOf(context: SerializationContext | undefined): TenantId | undefined {
  const [first, ...rest] = context?.workflowId?.split('/') ?? [];
  const tenantId = TenantIdSchema.safeParse(first);
  return tenantId.success && rest.length > 0 && rest[0] !== ERASURE ? tenantId.data : undefined;
}

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

function readSealedKey({ metadata }: Payload): { owner: string; id: string } | undefined {
  if (text(metadata?.['encoding']) !== ENCODING) return undefined;
  // Encrypted by somebody else's codec: not ours to open.
  const [owner, id] = text(metadata?.[KEY_FIELD]).split('/');
  return owner === undefined || id === undefined ? undefined : { owner, id };
}

const SealedPayloadSchema = z.object({ metadata: z.record(z.string(), z.base64()), data: z.base64() });

function seal(payload: Payload, { owner, id, secret }: PayloadKey): Payload {
  const inner = {
    metadata: Object.fromEntries(Object.entries(payload.metadata ?? {}).map(([name, value]) => [name, toBase64(value)])),
    data: toBase64(payload.data),
  };
  const nonce = randomBytes(NONCE_BYTES);
  const name = `${owner}/${id}`;
  const cipher = createCipheriv(ALGORITHM, secret, nonce).setAAD(Buffer.from(name));
  const data = Buffer.concat([nonce, cipher.update(JSON.stringify(inner)), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(ENCODING), [KEY_FIELD]: Buffer.from(name) }, data };
}

function open(payload: Payload, { owner, id, secret }: PayloadKey): Payload {
  const data = Buffer.from(payload.data ?? []);
  try {
    const decipher = createDecipheriv(ALGORITHM, secret, data.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(`${owner}/${id}`));
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    const inner = SealedPayloadSchema.parse(JSON.parse(plain.toString()));
    return {
      metadata: Object.fromEntries(Object.entries(inner.metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
      data: Buffer.from(inner.data, 'base64'),
    };
  } catch (error) {
    throw new LecternError('internal', `a payload of ${owner === INSTALLATION ? 'the installation' : `tenant ${owner}`} is damaged`, {
      cause: error,
    });
  }
}

function toBase64(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('base64');
}

function derive(secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), PURPOSE, KEY_BYTES));
}
