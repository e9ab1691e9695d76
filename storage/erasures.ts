import { ErasureRecordSchema, type Erasure } from '../contracts/erasure.ts';
import type { TenantId } from '../contracts/identity.ts';
import { createJsonDocument } from './json-document.ts';
import { erasureKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** Who is being erased, and the proofs of who was: kept apart from the tenants' own objects, which do not outlive them. */
export interface ErasureStore {
  /** The last one. */
  get(tenantId: TenantId): Promise<Erasure | undefined>;
  /** From here on nothing may be written for the tenant. Where one is under way, it goes on. */
  begin(tenantId: TenantId): Promise<Erasure>;
  /** Ends the one under way. */
  finish(tenantId: TenantId, outcome: Required<Omit<Erasure, 'startedAt' | 'finishedAt'>>): Promise<void>;
}

export function createErasureStore(objects: ObjectStore): ErasureStore {
  const open = (tenantId: TenantId) =>
    createJsonDocument(objects, { key: erasureKey(tenantId), schema: ErasureRecordSchema, absent: { tenantId, erasures: [] } });
  return {
    get: async (tenantId) => (await open(tenantId).read()).erasures.at(-1),
    async begin(tenantId) {
      const begun: Erasure = { startedAt: new Date().toISOString() };
      const { erasures } = await open(tenantId).update((record) => {
        const last = record.erasures.at(-1);
        return last !== undefined && last.finishedAt === undefined ? record : { ...record, erasures: [...record.erasures, begun] };
      });
      return erasures.at(-1) ?? begun;
    },
    async finish(tenantId, outcome) {
      const finishedAt = new Date().toISOString();
      await open(tenantId).update((record) => ({
        ...record,
        erasures: record.erasures.map((erasure) => (erasure.finishedAt === undefined ? { ...erasure, ...outcome, finishedAt } : erasure)),
      }));
    },
  };
}
