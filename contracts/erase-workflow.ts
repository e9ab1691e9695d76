// Names and types only, without zod: the workflow sandbox loads this file.

import { PRIORITY_KEYS, TASK_QUEUES, type SearchAttributeName } from './stages.ts';

export const ERASE_WORKFLOW = 'eraseTenant';

/** One erasure of a tenant at a time. */
export function eraseWorkflowId(tenantId: string): string {
  return `${tenantId}/erase`;
}

export interface EraseInput {
  tenantId: string;
}

/** What an erasure removed, all rounds together. */
export interface ErasedCounts {
  runsStopped: number;
  schedules: number;
  objects: number;
  apiKeys: number;
  histories: number;
}

/** What a scan of every store finds of a tenant: all 0 is the proof. */
export interface ErasureScan {
  objects: number;
  encryptionKeys: number;
  apiKeys: number;
  /** Lectures in the index; 1 where there is no lecture, but a place for the tenant. */
  indexedLectures: number;
  schedules: number;
  /** Runs and histories in Temporal, the erasure's own not counted: it holds the tenant's id and these numbers. */
  workflows: number;
}

/** Activities of an erasure, on `lectern-cpu`. All of them may be done again. */
export interface EraseActivities {
  /** Asks every run of the tenant to stop, and ends what does not hear. */
  stopTenantRuns(input: EraseInput): Promise<{ stopped: number; terminated: number }>;
  deleteTenantSchedules(input: EraseInput): Promise<number>;
  /** API keys, index entries, every object, and the key that sealed them. */
  deleteTenantStores(input: EraseInput): Promise<{ objects: number; apiKeys: number }>;
  /** Returns when Temporal finds none any more. */
  deleteTenantHistories(input: EraseInput): Promise<number>;
  scanTenant(input: EraseInput): Promise<ErasureScan>;
  /** Writes the proof where it outlives the tenant. */
  recordErasure(input: EraseInput & { removed: ErasedCounts; scan: ErasureScan; rounds: number }): Promise<void>;
}

/** For `client.workflow.start(ERASE_WORKFLOW, options)`: joins the erasure that is under way. */
export function toEraseStartOptions(tenantId: string) {
  return {
    workflowId: eraseWorkflowId(tenantId),
    taskQueue: TASK_QUEUES.cpu,
    args: [{ tenantId }] satisfies [EraseInput],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    typedSearchAttributes: [{ key: { name: 'LecternTenant' satisfies SearchAttributeName, type: 'KEYWORD' as const }, value: tenantId }],
    priority: { priorityKey: PRIORITY_KEYS.high, fairnessKey: tenantId },
    staticSummary: 'Erasure of a tenant',
  };
}
