import { proxyActivities } from '@temporalio/workflow';
import type { ReindexActivities } from '../contracts/reindex-workflow.ts';
import { TASK_QUEUES } from '../contracts/stages.ts';
import { patient } from './retry-policies.ts';

const reads = proxyActivities<ReindexActivities>({ ...patient, taskQueue: TASK_QUEUES.cpu });
export const { planReindex, listPlanned, openLecture, stageLecture } = reads;

/** Half an hour: a thousand questions asked twice, or as many lectures moved one by one on a slow store. */
const whole = proxyActivities<ReindexActivities>({ ...patient, startToCloseTimeout: '30 minutes', taskQueue: TASK_QUEUES.cpu });
export const { measureReindex, swapReindex, rollBackReindex, closeReindex } = whole;
