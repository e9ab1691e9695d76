import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { TenantId } from '../contracts/identity.ts';
import type { Principal } from '../contracts/roles.ts';

/** What every request carries. `tenantId` and `principal` are there behind `/api/` only. */
export interface ApiEnvironment {
  Variables: { requestId: string; log: Logger; tenantId: TenantId; principal: Principal };
}
export type ApiContext = Context<ApiEnvironment>;
