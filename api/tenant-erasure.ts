import type { Client } from '@temporalio/client';
import type { Erasure } from '../contracts/erasure.ts';
import { ERASE_WORKFLOW, toEraseStartOptions } from '../contracts/erase-workflow.ts';
import type { TenantId } from '../contracts/identity.ts';
import type { ErasureStore } from '../storage/erasures.ts';
import { createTemporalCall } from './temporal-call.ts';

/** Erasures as the API begins them. Errors: `unavailable` (Temporal cannot be reached). */
export interface TenantErasure {
  /** Marks the tenant, which ends its writers, and starts the workflow; again where the first try came no further. */
  start(tenantId: TenantId): Promise<Erasure>;
}

export function createTenantErasure(client: Client, erasures: Pick<ErasureStore, 'begin'>): TenantErasure {
  const call = createTemporalCall(client);
  return {
    async start(tenantId) {
      const erasure = await erasures.begin(tenantId);
      await call(() => client.workflow.start(ERASE_WORKFLOW, toEraseStartOptions(tenantId)));
      return erasure;
    },
  };
}
