import { z } from 'zod';
import { TenantIdSchema } from './identity.ts';
import { RoleSchema, ScopeSchema } from './roles.ts';

/** Keys of one name that may live at once: the one in use, and the one that is taking its place. */
export const MAX_LIVE_KEYS = 2;

/** First 16 hex digits of the key's SHA-256: names the key, opens nothing. */
export const ApiKeyIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'an API key id is 16 hex digits');

const NewApiKeyFields = {
  /** What people call it, e.g. `lecture hall 3`. */
  name: z.string().min(1).max(100),
  role: RoleSchema,
  /** Fewer than the role has; absent: all of them. */
  scopes: z.array(ScopeSchema).min(1).optional(),
  /** Opens nothing from then on; absent: no end. */
  expiresAt: z.iso.datetime().optional(),
};

/** What is said when a key is made. */
export const NewApiKeySchema = z.strictObject(NewApiKeyFields);
export type NewApiKey = z.infer<typeof NewApiKeySchema>;

/** An API key without the key. */
export const ApiKeySchema = z.object({
  ...NewApiKeyFields,
  /** Keys that were made before there were roles could do everything, and still can. */
  role: RoleSchema.default('admin'),
  id: ApiKeyIdSchema,
  tenantId: TenantIdSchema,
  /** The key's first characters, for telling keys apart. */
  prefix: z.string(),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
});
export type ApiKey = z.infer<typeof ApiKeySchema>;

/** The only time that the key itself is told. */
export const CreatedApiKeySchema = z.object({ key: z.string(), apiKey: ApiKeySchema });
export const ApiKeyListSchema = z.object({ keys: z.array(ApiKeySchema) });
