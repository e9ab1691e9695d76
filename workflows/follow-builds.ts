import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { DEPLOYMENT } from '../contracts/stages.ts';

/**
 * For workflows that live for days: where runs are pinned to the build that they began on, theirs move to the current one, so that no
 * build has to be kept for them. Said only there: a worker without versions fails every task of a workflow that names a behaviour.
 */
export function followBuilds(workflow: (...input: never[]) => Promise<unknown>): void {
  setWorkflowOptions(() => {
    const isPinned = workflowInfo().currentDeploymentVersion?.deploymentName === DEPLOYMENT;
    return isPinned ? { versioningBehavior: 'AUTO_UPGRADE' } : {};
  }, workflow);
}
