import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { DEPLOYMENT } from '../contracts/stages.ts';
import type { WorkerLogger } from './logger.ts';
import { TRACED } from './workflow-bundle.ts';

const NOT_FOUND = 5;
/** A worker's first poll makes its build known, a moment after it runs. */
const REGISTER_PAUSE_MS = 500;

/**
 * Pins a run to the build of the workflow code that it began on: a build is the digest of that code. For workers of workflows; those of
 * activities alone take what any build asks of them, as an artifact's digest says what made it.
 */
export function pinnedTo({ codePath }: { codePath: string }): Required<Pick<WorkerOptions, 'workerDeploymentOptions'>> {
  return {
    workerDeploymentOptions: {
      version: { deploymentName: DEPLOYMENT, buildId: buildOf(codePath) },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}

/** With spans or without, it is the same build: each replays what the other began. */
function buildOf(codePath: string): string {
  return basename(codePath, '.js').replace(TRACED, '').replaceAll('.', '-');
}

/**
 * New runs begin on this build from now on, if it was never current before. One that was, and was replaced, is there to let its runs
 * end, or because an operator rolled back: then it is the operator who says so.
 */
export async function introduceBuild(
  { workflowService }: Pick<NativeConnection, 'workflowService'>,
  { namespace, codePath, logger, signal }: { namespace: string; codePath: string; logger: WorkerLogger; signal: AbortSignal },
): Promise<void> {
  const deploymentVersion = { deploymentName: DEPLOYMENT, buildId: buildOf(codePath) };
  while (!signal.aborted) {
    try {
      const { workerDeploymentVersionInfo: known } = await workflowService.describeWorkerDeploymentVersion({
        namespace,
        deploymentVersion,
      });
      // Both: an activity of a build without workers for it would go to whoever there is.
      if ((known?.taskQueueInfos ?? []).length < 2) {
        await sleep(REGISTER_PAUSE_MS);
        continue;
      }
      if (known?.routingChangedTime) {
        logger.info({ build: deploymentVersion.buildId, isCurrent: Boolean(known.currentSinceTime) }, 'this build is known');
        return;
      }
      await workflowService.setWorkerDeploymentCurrentVersion({ namespace, ...deploymentVersion, identity: 'lectern' });
      logger.info({ build: deploymentVersion.buildId }, 'new runs begin on this build');
      return;
    } catch (error) {
      if ((error as { code?: number }).code !== NOT_FOUND) throw error;
      await sleep(REGISTER_PAUSE_MS);
    }
  }
}
