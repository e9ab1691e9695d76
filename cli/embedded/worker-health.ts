import { Connection } from '@temporalio/client';
import { LecternError } from '../../contracts/errors.ts';
import { TASK_QUEUES } from '../../contracts/stages.ts';

/** Temporal's numbers of task queue types. */
const QUEUE_TYPES = { workflow: 1, activity: 2 } as const;

/** Throws until workers that came after `since` (milliseconds since 1970) poll both queues: what a queue's pollers tell is that work would be taken. */
export async function checkWorkers(address: string, namespace: string, since: number): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 3_000 });
  try {
    const polled = async (name: string, taskQueueType: number) => {
      const { pollers } = await connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
      return pollers.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 >= since - 1_000);
    };
    const queues: [string, number][] = [
      [TASK_QUEUES.cpu, QUEUE_TYPES.workflow],
      [TASK_QUEUES.cpu, QUEUE_TYPES.activity],
      [TASK_QUEUES.gpu, QUEUE_TYPES.activity],
    ];
    for (const [name, type] of queues) {
      if (!(await polled(name, type))) throw new LecternError('unavailable', `no worker polls ${name} yet`);
    }
  } finally {
    await connection.close();
  }
}
