import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { LecternError } from '../contracts/errors.ts';
import { Sha256Schema, TenantIdSchema, type TenantId } from '../contracts/identity.ts';
import { API_KEYS_PREFIX, apiKeyKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

const ApiKeySchema = z.object({
  /** First 16 hex digits of the key's SHA-256: names the key, opens nothing. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  sha256: Sha256Schema,
  tenantId: TenantIdSchema,
  /** What people call it, e.g. `lecture hall 3`. */
  name: z.string().min(1).max(100),
  /** The key's first characters, for telling keys apart. */
  prefix: z.string(),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
});
/** An API key as it is stored: without the key. */
type ApiKey = z.infer<typeof ApiKeySchema>;

/** API keys, kept by their SHA-256: who reads the store learns no key. A key has 256 random bits, which no salt would improve. */
export interface ApiKeyStore {
  /** The key itself is in this answer and nowhere else. */
  create(tenantId: TenantId, name: string): Promise<{ key: string; apiKey: ApiKey }>;
  /** Whose key it is; `undefined` for unknown and revoked ones. */
  authenticate(key: string): Promise<TenantId | undefined>;
  /** At once and for good. Errors: `not-found`. */
  revoke(id: string): Promise<ApiKey>;
  /** Of one tenant, or all; oldest first. */
  list(tenantId?: TenantId): Promise<ApiKey[]>;
}

const KEY = /^lk_[A-Za-z0-9_-]{43}$/;

export function createApiKeyStore(objects: ObjectStore): ApiKeyStore {
  async function read(sha256: string): Promise<{ apiKey: ApiKey; etag: string } | undefined> {
    try {
      const { body, info } = await objects.get(apiKeyKey(sha256));
      return { apiKey: ApiKeySchema.parse(JSON.parse(Buffer.from(body).toString())), etag: info.etag };
    } catch (error) {
      if (error instanceof LecternError && error.kind === 'not-found') return undefined;
      throw error;
    }
  }

  async function list(tenantId?: TenantId): Promise<ApiKey[]> {
    const keys: ApiKey[] = [];
    for await (const { key } of objects.list(API_KEYS_PREFIX)) {
      const found = await read(key.slice(API_KEYS_PREFIX.length, -'.json'.length));
      if (found !== undefined && (tenantId === undefined || found.apiKey.tenantId === tenantId)) keys.push(found.apiKey);
    }
    return keys.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  return {
    async create(tenantId, name) {
      const key = `lk_${randomBytes(32).toString('base64url')}`;
      const sha256 = sha256Of(key);
      const createdAt = new Date().toISOString();
      const parsed = ApiKeySchema.safeParse({ id: sha256.slice(0, 16), sha256, tenantId, name, prefix: key.slice(0, 7), createdAt });
      if (!parsed.success) throw new LecternError('invalid-input', `API key: ${z.prettifyError(parsed.error)}`);
      await objects.put(apiKeyKey(sha256), toBytes(parsed.data), { contentType: 'application/json', ifAbsent: true });
      return { key, apiKey: parsed.data };
    },
    async authenticate(key) {
      if (!KEY.test(key)) return undefined;
      const sha256 = sha256Of(key);
      const found = await read(sha256);
      if (found === undefined || found.apiKey.revokedAt !== undefined) return undefined;
      // The look-up was by digest already; this stands in the way of a document that lies under another's name.
      return timingSafeEqual(Buffer.from(found.apiKey.sha256), Buffer.from(sha256)) ? found.apiKey.tenantId : undefined;
    },
    async revoke(id) {
      const apiKey = (await list()).find((candidate) => candidate.id === id);
      const found = apiKey && (await read(apiKey.sha256));
      if (found === undefined)
        throw new LecternError('not-found', `there is no API key ${id}`, { cure: 'Look it up with `lectern keys list`.' });
      if (found.apiKey.revokedAt !== undefined) return found.apiKey;
      const revoked = { ...found.apiKey, revokedAt: new Date().toISOString() };
      await objects.put(apiKeyKey(revoked.sha256), toBytes(revoked), { contentType: 'application/json', ifMatch: found.etag });
      return revoked;
    },
    list,
  };
}

function sha256Of(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function toBytes(apiKey: ApiKey): Uint8Array {
  return Buffer.from(JSON.stringify(apiKey));
}
