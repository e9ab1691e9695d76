import { z } from 'zod';
import { ApiKeyIdSchema } from './api-keys.ts';
import { TenantIdSchema } from './identity.ts';
import { RoleSchema, ScopeSchema } from './roles.ts';

/**
 * Sent with every request of the page that changes something. Another site's page cannot send it: a browser asks the API before it
 * lets a foreign page send a header of its own, and the API never says yes.
 */
export const PAGE_HEADER = 'x-lectern-page';

export const SignInSchema = z.strictObject({ apiKey: z.string().trim().min(1).max(200) });

/** Who is signed in, and what the page may offer. */
export const SessionViewSchema = z.object({
  tenantId: TenantIdSchema,
  keyId: ApiKeyIdSchema,
  name: z.string(),
  role: RoleSchema,
  scopes: z.array(ScopeSchema),
});
export type SessionView = z.infer<typeof SessionViewSchema>;
