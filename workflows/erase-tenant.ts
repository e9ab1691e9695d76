import { ApplicationFailure, proxyActivities, sleep } from '@temporalio/workflow';
import type { EraseActivities, ErasedCounts, EraseInput, ErasureScan } from '../contracts/erase-workflow.ts';
import { TASK_QUEUES } from '../contracts/stages.ts';

/** Stores that are away are waited for as long as it takes: an erasure that has begun must end. */
const { stopTenantRuns, deleteTenantSchedules, deleteTenantStores, deleteTenantHistories, scanTenant, recordErasure } =
  proxyActivities<EraseActivities>({
    taskQueue: TASK_QUEUES.cpu,
    startToCloseTimeout: '2 hours',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
  });

/** A terminated run's activity hears of it with its next heartbeat, at the latest when that is due. */
const LAST_WRITES = '35 seconds';
/** More rounds than that mean that somebody writes on: a person must look. */
const MAX_ROUNDS = 10;

/**
 * Removes a tenant from every store until a scan of all of them finds nothing, and leaves that proof. The tenant is marked before
 * this starts, so nothing new comes in; what was on its way is found by the scan and removed in another round.
 */
export async function eraseTenant(input: EraseInput): Promise<ErasureScan> {
  const removed: ErasedCounts = { runsStopped: 0, schedules: 0, objects: 0, apiKeys: 0, histories: 0 };
  for (let rounds = 1; rounds <= MAX_ROUNDS; rounds += 1) {
    // Schedules first: they start runs.
    removed.schedules += await deleteTenantSchedules(input);
    const { stopped, terminated } = await stopTenantRuns(input);
    removed.runsStopped += stopped;
    if (terminated > 0) await sleep(LAST_WRITES);
    const stores = await deleteTenantStores(input);
    removed.objects += stores.objects;
    removed.apiKeys += stores.apiKeys;
    removed.histories += await deleteTenantHistories(input);
    const scan = await scanTenant(input);
    if (Object.values(scan).every((found) => found === 0)) {
      await recordErasure({ ...input, removed, scan, rounds });
      return scan;
    }
  }
  throw ApplicationFailure.nonRetryable('something writes for this tenant while it is erased', 'conflict');
}
