import { z } from 'zod';
import { TenantIdSchema } from './identity.ts';

const Count = z.int().min(0);

/** An erasure that has begun; with `finishedAt` it is done, and `scan` is its proof. Names no person and nothing that was said. */
export const ErasureSchema = z.object({
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().optional(),
  /** What was removed, by kind. */
  removed: z.object({ runsStopped: Count, schedules: Count, objects: Count, apiKeys: Count, histories: Count }).optional(),
  /** What the last look into every store found: nothing. */
  scan: z
    .object({ objects: Count, encryptionKeys: Count, apiKeys: Count, indexedLectures: Count, schedules: Count, workflows: Count })
    .optional(),
  /** Times that everything was removed until nothing was found. */
  rounds: Count.optional(),
});
export type Erasure = z.infer<typeof ErasureSchema>;

/** Erasures of a tenant, the last one last: an id may be used again. */
export const ErasureRecordSchema = z.object({ tenantId: TenantIdSchema, erasures: z.array(ErasureSchema) });
