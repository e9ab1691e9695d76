import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isKind, LecternError } from '../../contracts/errors.ts';
import { TenantIdSchema, type TenantId } from '../../contracts/identity.ts';
import { TENANT_KEYS_PREFIX, tenantKeyKey, tenantPrefix } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { foreignMasterKey, KEY_BYTES, type MasterKeys } from './master-keys.ts';

const KEY_ID_BYTES = 8;
/** That a key was destroyed is felt everywhere within this time. */
const HELD_MS = 60_000;

const TenantKeyDocumentSchema = z.object({
  version: z.literal(1),
  tenantId: TenantIdSchema,
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  createdAt: z.iso.datetime(),
  /** The tenant had objects before it had a key: what is not encrypted may be its own. */
  mayHavePlain: z.boolean(),
  masterKeyId: z.string(),
  wrapped: z.base64(),
});
type TenantKeyDocument = z.infer<typeof TenantKeyDocumentSchema>;

export interface TenantKey {
  /** 16 hex digits by chance; names the key in what it sealed. */
  id: string;
  /** 32 bytes, never to be logged or stored. */
  secret: Buffer;
  mayHavePlain: boolean;
}

/**
 * One random key a tenant, kept wrapped by the master key in `tenantKeyKey(tenantId)`. Deleting that object destroys the key: what it
 * sealed is unreadable, copies included, in every process within 60 s.
 */
export interface TenantKeys {
  /** The key to seal with, made at first use. */
  forSealing(tenantId: TenantId): Promise<TenantKey>;
  /** Errors: `conflict` where the key of this id was destroyed. */
  forOpening(tenantId: TenantId, keyId: string): Promise<TenantKey>;
  /** Whether an object of this tenant may be there unencrypted. */
  mayHavePlain(tenantId: TenantId): Promise<boolean>;
  /** Wraps every key by the present master key; returns how many were wrapped by another one, and how many there are. */
  rewrap(): Promise<{ rewrapped: number; keys: number }>;
}

export interface TenantKeysOptions {
  objects: ObjectStore;
  masterKeys: MasterKeys;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

export function createTenantKeys({ objects, masterKeys, now = () => performance.now() }: TenantKeysOptions): TenantKeys {
  const held = new Map<TenantId, { key: TenantKey; until: number }>();
  const loading = new Map<TenantId, Promise<TenantKey | undefined>>();

  async function load(tenantId: TenantId): Promise<TenantKey | undefined> {
    let found: { document: TenantKeyDocument } | undefined;
    try {
      found = await readDocument(objects, tenantKeyKey(tenantId));
    } catch (error) {
      // A store that is away for a minute tells nothing about the key, and must not stop what needs only the key.
      const last = held.get(tenantId);
      if (last !== undefined && isKind(error, 'unavailable')) return last.key;
      throw error;
    }
    if (found === undefined) {
      held.delete(tenantId);
      return undefined;
    }
    const key = unwrap(found.document, masterKeys);
    held.set(tenantId, { key, until: now() + HELD_MS });
    return key;
  }

  /** Many payloads at once wait for one reading. */
  function reload(tenantId: TenantId): Promise<TenantKey | undefined> {
    const underway = loading.get(tenantId);
    if (underway !== undefined) return underway;
    const reading = load(tenantId).finally(() => loading.delete(tenantId));
    loading.set(tenantId, reading);
    return reading;
  }

  async function find(tenantId: TenantId): Promise<TenantKey | undefined> {
    const last = held.get(tenantId);
    return last !== undefined && now() < last.until ? last.key : reload(tenantId);
  }

  async function create(tenantId: TenantId): Promise<TenantKey> {
    const document = await newDocument(objects, masterKeys, tenantId);
    try {
      await writeDocument(objects, document, { ifAbsent: true });
    } catch (error) {
      // Another process made it first: that one counts.
      if (!isKind(error, 'conflict')) throw error;
    }
    const key = await reload(tenantId);
    if (key === undefined) throw new LecternError('unavailable', `the key of tenant ${tenantId} is made and destroyed at once`);
    return key;
  }

  return {
    forSealing: async (tenantId) => (await find(tenantId)) ?? create(tenantId),
    async forOpening(tenantId, keyId) {
      let key = await find(tenantId);
      // The tenant may have another key since ours was read.
      if (key?.id !== keyId) key = await reload(tenantId);
      if (key?.id === keyId) return key;
      throw new LecternError('conflict', `the key ${keyId} of tenant ${tenantId} was destroyed: what it sealed cannot be read any more`, {
        cure: 'Nothing brings it back; remove what is left with `lectern tenants erase`.',
      });
    },
    mayHavePlain: async (tenantId) => (await find(tenantId))?.mayHavePlain ?? true,
    rewrap: () => rewrapAll(objects, masterKeys),
  };
}

/**
 * Throws before a process writes plainly beside what is encrypted, or under a master key that is not the store's: `invalid-input`.
 */
export async function checkMasterKey(objects: ObjectStore, masterKeys: MasterKeys | null): Promise<void> {
  for await (const { key } of objects.list(TENANT_KEYS_PREFIX)) {
    const found = await readDocument(objects, key);
    if (found === undefined) continue;
    if (masterKeys === null) {
      throw new LecternError('invalid-input', 'this store is encrypted, and no master key is given', {
        cure: 'Set LECTERN_MASTER_KEY or LECTERN_MASTER_KEY_FILE as for the process that wrote it.',
      });
    }
    if (!masterKeys.has(found.document.masterKeyId)) throw foreignMasterKey(found.document.masterKeyId);
    return;
  }
}

async function rewrapAll(objects: ObjectStore, masterKeys: MasterKeys): Promise<{ rewrapped: number; keys: number }> {
  const counts = { rewrapped: 0, keys: 0 };
  for await (const { key } of objects.list(TENANT_KEYS_PREFIX)) {
    const found = await readDocument(objects, key);
    // Destroyed since it was listed.
    if (found === undefined) continue;
    counts.keys += 1;
    const { document, etag } = found;
    if (document.masterKeyId === masterKeys.id) continue;
    const { secret } = unwrap(document, masterKeys);
    const again = { ...document, ...masterKeys.wrap(secret, contextOf(document)) };
    try {
      await writeDocument(objects, again, { ifMatch: etag });
      counts.rewrapped += 1;
    } catch (error) {
      // Destroyed, or wrapped again by a second rotation that runs beside this one: both are well.
      if (!isKind(error, 'conflict')) throw error;
    }
  }
  return counts;
}

async function newDocument(objects: ObjectStore, masterKeys: MasterKeys, tenantId: TenantId): Promise<TenantKeyDocument> {
  const unwrapped = {
    version: 1 as const,
    tenantId,
    keyId: randomBytes(KEY_ID_BYTES).toString('hex'),
    createdAt: new Date().toISOString(),
    mayHavePlain: await hasObjects(objects, tenantPrefix(tenantId)),
  };
  return { ...unwrapped, ...masterKeys.wrap(randomBytes(KEY_BYTES), contextOf(unwrapped)) };
}

async function hasObjects(objects: ObjectStore, prefix: string): Promise<boolean> {
  for await (const _ of objects.list(prefix)) return true;
  return false;
}

/** All that a key's document says of it is bound to it: nobody can give it to another tenant, or say that plain objects are right. */
function contextOf({ tenantId, keyId, mayHavePlain }: Pick<TenantKeyDocument, 'tenantId' | 'keyId' | 'mayHavePlain'>): string {
  return `lectern tenant key 1\n${tenantId}\n${keyId}\n${mayHavePlain}`;
}

function unwrap(document: TenantKeyDocument, masterKeys: MasterKeys): TenantKey {
  return { id: document.keyId, secret: masterKeys.unwrap(document, contextOf(document)), mayHavePlain: document.mayHavePlain };
}

async function readDocument(objects: ObjectStore, key: string): Promise<{ document: TenantKeyDocument; etag: string } | undefined> {
  try {
    const { body, info } = await objects.get(key);
    return { document: TenantKeyDocumentSchema.parse(JSON.parse(Buffer.from(body).toString())), etag: info.etag };
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined;
    if (error instanceof LecternError) throw error;
    throw new LecternError('internal', `${key} is damaged: it is no tenant's key`, {
      cure: 'Restore it from a backup of the prefix tenant-keys/; without it what it sealed cannot be read.',
      cause: error,
    });
  }
}

async function writeDocument(
  objects: ObjectStore,
  document: TenantKeyDocument,
  condition: { ifAbsent: true } | { ifMatch: string },
): Promise<void> {
  const body = Buffer.from(JSON.stringify(document));
  await objects.put(tenantKeyKey(document.tenantId), body, { contentType: 'application/json', ...condition });
}
