import { LecternError } from '../contracts/errors.ts';
import type { TenantId } from '../contracts/identity.ts';
import type { ApiDeps } from './dependencies.ts';

/**
 * Throws `conflict` where the tenant is being erased, or has been since `sinceMs`: what a request began to write for a tenant that is
 * gone by now must not come to be.
 */
export async function refuseErased(erasures: ApiDeps['erasures'], tenantId: TenantId, sinceMs: number): Promise<void> {
  const erasure = await erasures.get(tenantId);
  if (erasure === undefined) return;
  if (erasure.finishedAt !== undefined && Date.parse(erasure.startedAt) < sinceMs) return;
  throw new LecternError('conflict', 'the tenant is being erased', { cure: 'Nothing can be written for it any more.' });
}
