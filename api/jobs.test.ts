import { ServiceError, type Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { expect, it } from 'vitest';
import { createTemporalJobs } from './jobs.ts';

const lectureId = `lec_${'1'.repeat(24)}`;
const jobId = `${lectureId}.00000000-0000-0000-0000-000000000000`;
const away = (): never => {
  throw new ServiceError('away', { cause: Object.assign(new Error('away'), { code: 14, details: '', metadata: {} }) });
};

/** Temporal as it is at moments that no server can be brought to on demand. */
function jobsOver(handle: Record<string, () => unknown>) {
  const client = { withDeadline: async (_at: number, work: () => unknown) => work(), workflow: { getHandle: () => handle } };
  return createTemporalJobs(client as unknown as Client, 'default');
}

it('does not tell a completed job as one without stages when its result cannot be read', async () => {
  const description = { status: { name: 'COMPLETED' }, startTime: new Date(0), closeTime: new Date(1), raw: {} };
  const jobs = jobsOver({ describe: () => description, result: away });
  await expect(jobs.get('tum', jobId)).rejects.toMatchObject({ kind: 'unavailable' });
});

it('takes a run that ends at the moment of its termination for stopped', async () => {
  const terminate = (): never => {
    throw new WorkflowNotFoundError('it has ended', 'id', undefined);
  };
  const jobs = jobsOver({ cancel: () => undefined, result: away, terminate });
  await expect(jobs.stop('tum', lectureId)).resolves.toBeUndefined();
});
