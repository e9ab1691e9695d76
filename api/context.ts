import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { TenantId } from '../contracts/identity.ts';

/** What every request carries. `tenantId` is there behind `/api/` only. */
export interface ApiEnvironment {
  Variables: { requestId: string; log: Logger; tenantId: TenantId };
}
export type ApiContext = Context<ApiEnvironment>;
