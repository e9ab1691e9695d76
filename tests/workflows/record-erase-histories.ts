import { ERASE_WORKFLOW, toEraseStartOptions, type EraseActivities, type ErasureScan } from '../../contracts/erase-workflow.ts';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import { createFakeActivities } from './fake-activities.ts';
import type { IngestRunner } from './ingest-runner.ts';

/** Saves the history of a run under a name, by which the replay test knows the id that it ran under. */
type Save = (name: string, workflowId: string) => Promise<void>;

const NOTHING: ErasureScan = { objects: 0, encryptionKeys: 0, apiKeys: 0, indexedLectures: 0, schedules: 0, workflows: 0 };
const SOMETHING: ErasureScan = { ...NOTHING, objects: 1 };

/** Erasures: at the first go, after a run that did not hear, and one that somebody keeps writing into. */
export async function recordEraseHistories(runner: IngestRunner, save: Save): Promise<void> {
  const paths: Record<string, { scans: ErasureScan[]; terminated: number }> = {
    'at-once': { scans: [NOTHING], terminated: 0 },
    'second-round': { scans: [SOMETHING, NOTHING], terminated: 1 },
    'written-into': { scans: [], terminated: 0 },
  };
  for (const [name, { scans, terminated }] of Object.entries(paths)) {
    const left = [...scans];
    const activities: EraseActivities = {
      stopTenantRuns: async () => ({ stopped: 1, terminated: left.length === scans.length ? terminated : 0 }),
      deleteTenantSchedules: async () => 1,
      deleteTenantStores: async () => ({ objects: 3, apiKeys: 1 }),
      deleteTenantHistories: async () => 2,
      scanTenant: async () => left.shift() ?? SOMETHING,
      recordErasure: async () => undefined,
    };
    const stop = await runner.startWorker(TASK_QUEUES.cpu, { ...createFakeActivities().cpu, ...activities });
    const handle = await runner.client.workflow.start(ERASE_WORKFLOW, toEraseStartOptions(`erased-${name}`));
    await handle.result().catch(() => undefined);
    await save(name, handle.workflowId);
    await stop();
  }
}
