import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { isKind, LecternError } from '../contracts/errors.ts';
import { Sha256Schema, type TenantId } from '../contracts/identity.ts';
import { ApiKeySchema, MAX_LIVE_KEYS, type ApiKey, type NewApiKey } from '../contracts/api-keys.ts';
import { SCOPES_OF_ROLE, type Principal } from '../contracts/roles.ts';
import { API_KEYS_PREFIX, apiKeyKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

const StoredKeySchema = ApiKeySchema.extend({ sha256: Sha256Schema });
/** An API key as it is stored: without the key. */
type StoredKey = z.infer<typeof StoredKeySchema>;

/** Whose request it is. */
export interface KeyBearer {
  tenantId: TenantId;
  principal: Principal;
}

/**
 * API keys, kept by their SHA-256: who reads the store learns no key. A key has 256 random bits, which no salt would improve.
 * The store is read for each request: what is revoked in one process opens nothing in any other from then on.
 */
export interface ApiKeyStore {
  /** The key itself is in this answer and nowhere else. Errors: `conflict` with `MAX_LIVE_KEYS` live ones of the name. */
  create(tenantId: TenantId, key: NewApiKey): Promise<{ key: string; apiKey: ApiKey }>;
  /** A second key beside a live one, with its name, role and scopes; the old one lives until it is revoked. Errors: `not-found`, `conflict`. */
  rotate(id: string, tenantId?: TenantId): Promise<{ key: string; apiKey: ApiKey }>;
  /** `undefined` for unknown, revoked and expired ones. */
  authenticate(key: string): Promise<KeyBearer | undefined>;
  /** At once and for good. Only of `tenantId`, where that is given. Errors: `not-found`. */
  revoke(id: string, tenantId?: TenantId): Promise<ApiKey>;
  /** Of one tenant, or all; oldest first. */
  list(tenantId?: TenantId): Promise<ApiKey[]>;
  /** Removes every key of a tenant, without a trace; returns how many. */
  deleteTenant(tenantId: TenantId): Promise<number>;
}

const KEY = /^lk_[A-Za-z0-9_-]{43}$/;

export function createApiKeyStore(objects: ObjectStore): ApiKeyStore {
  const list = async (tenantId?: TenantId): Promise<StoredKey[]> => listKeys(objects, tenantId);
  const find = async (id: string, tenantId?: TenantId): Promise<StoredKey> => {
    const found = (await list(tenantId)).find((candidate) => candidate.id === id);
    if (found !== undefined) return found;
    throw new LecternError('not-found', 'there is no API key of this id', { cure: 'Look it up with `lectern keys list`.' });
  };
  const create: ApiKeyStore['create'] = async (tenantId, wanted) => {
    const { key, stored } = makeKey(tenantId, wanted);
    await objects.put(apiKeyKey(stored.sha256), toBytes(stored), { contentType: 'application/json', ifAbsent: true });
    // Looked at afterwards: of keys made at once, whoever looks last sees all the others, and gives way.
    const live = (await list(tenantId)).filter((other) => other.name === stored.name && isLive(other));
    if (live.length > MAX_LIVE_KEYS) {
      await objects.delete(apiKeyKey(stored.sha256));
      throw new LecternError('conflict', `there are ${MAX_LIVE_KEYS} live API keys named ${JSON.stringify(stored.name)}`, {
        cure: `Revoke one first (${live
          .map(({ id }) => id)
          .filter((id) => id !== stored.id)
          .join(' or ')}), or choose another name.`,
      });
    }
    return { key, apiKey: withoutDigest(stored) };
  };

  return {
    create,
    async rotate(id, tenantId) {
      const { name, role, scopes, tenantId: owner, ...old } = await find(id, tenantId);
      if (!isLive(old)) {
        throw new LecternError('conflict', `API key ${id} is revoked or has expired`, { cure: 'Create a new key.' });
      }
      return create(owner, { name, role, ...(scopes === undefined ? {} : { scopes }) });
    },
    async authenticate(key) {
      if (!KEY.test(key)) return undefined;
      const sha256 = sha256Of(key);
      const found = await readKey(objects, sha256);
      if (found === undefined || !isLive(found.stored)) return undefined;
      // The look-up was by digest already; this stands in the way of a document that lies under another's name.
      if (!timingSafeEqual(Buffer.from(found.stored.sha256), Buffer.from(sha256))) return undefined;
      return toBearer(found.stored);
    },
    async revoke(id, tenantId) {
      const { sha256 } = await find(id, tenantId);
      const found = await readKey(objects, sha256);
      if (found === undefined) throw new LecternError('not-found', 'there is no API key of this id');
      if (found.stored.revokedAt !== undefined) return withoutDigest(found.stored);
      const revoked = { ...found.stored, revokedAt: new Date().toISOString() };
      await objects.put(apiKeyKey(sha256), toBytes(revoked), { contentType: 'application/json', ifMatch: found.etag });
      return withoutDigest(revoked);
    },
    list: async (tenantId) => (await list(tenantId)).map(withoutDigest),
    async deleteTenant(tenantId) {
      const keys = await list(tenantId);
      for (const { sha256 } of keys) await objects.delete(apiKeyKey(sha256));
      return keys.length;
    },
  };
}

function makeKey(tenantId: TenantId, wanted: NewApiKey): { key: string; stored: StoredKey } {
  const key = `lk_${randomBytes(32).toString('base64url')}`;
  const sha256 = sha256Of(key);
  const createdAt = new Date().toISOString();
  const parsed = StoredKeySchema.safeParse({ ...wanted, id: sha256.slice(0, 16), sha256, tenantId, prefix: key.slice(0, 7), createdAt });
  if (!parsed.success) throw new LecternError('invalid-input', `API key: ${z.prettifyError(parsed.error)}`);
  return { key, stored: parsed.data };
}

async function readKey(objects: ObjectStore, sha256: string): Promise<{ stored: StoredKey; etag: string } | undefined> {
  try {
    const { body, info } = await objects.get(apiKeyKey(sha256));
    return { stored: StoredKeySchema.parse(JSON.parse(Buffer.from(body).toString())), etag: info.etag };
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Oldest first; of the same moment by id, so that all who look see one order. */
async function listKeys(objects: ObjectStore, tenantId: TenantId | undefined): Promise<StoredKey[]> {
  const keys: StoredKey[] = [];
  for await (const { key } of objects.list(API_KEYS_PREFIX)) {
    const found = await readKey(objects, key.slice(API_KEYS_PREFIX.length, -'.json'.length));
    if (found !== undefined && (tenantId === undefined || found.stored.tenantId === tenantId)) keys.push(found.stored);
  }
  return keys.sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
}

function isLive({ revokedAt, expiresAt }: Pick<StoredKey, 'revokedAt' | 'expiresAt'>): boolean {
  return revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > Date.now());
}

function toBearer({ tenantId, id, name, role, scopes }: StoredKey): KeyBearer {
  const ofRole = SCOPES_OF_ROLE[role];
  return { tenantId, principal: { keyId: id, name, role, scopes: ofRole.filter((scope) => scopes?.includes(scope) ?? true) } };
}

/** The schema of what is told leaves the digest out. */
function withoutDigest(stored: StoredKey): ApiKey {
  return ApiKeySchema.parse(stored);
}

function sha256Of(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function toBytes(stored: StoredKey): Uint8Array {
  return Buffer.from(JSON.stringify(stored));
}
