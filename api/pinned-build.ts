import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { DEPLOYMENT } from '../contracts/stages.ts';
import type { TemporalCall } from './temporal-call.ts';

/** Number of `temporal.api.enums.v1.VersioningBehavior`. */
const PINNED = 1;

/** Whether a run would go on at a build of the workflow code that new runs begin on no more: its workers may be gone. Errors: `unavailable`. */
export async function isPinnedToAnotherBuild(client: Client, call: TemporalCall, run: WorkflowExecutionDescription): Promise<boolean> {
  const { behavior, deploymentVersion } = run.raw.workflowExecutionInfo?.versioningInfo ?? {};
  if (Number(behavior) !== PINNED) return false;
  const { workerDeploymentInfo } = await call(() =>
    client.workflowService.describeWorkerDeployment({ namespace: client.options.namespace, deploymentName: DEPLOYMENT }),
  );
  return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId !== deploymentVersion?.buildId;
}
