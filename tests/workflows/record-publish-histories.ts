import { ApplicationFailure } from '@temporalio/common';
import {
  EDITED_SIGNAL,
  PUBLISH_WORKFLOW,
  toPublishStartOptions,
  type PublishActivities,
  type PublishInput,
  type PublishResult,
} from '../../contracts/publish-workflow.ts';
import { generationOf, TASK_QUEUES } from '../../contracts/stages.ts';
import { createFakeActivities, untilCancelled, type FakeActivities, type FakeOptions } from './fake-activities.ts';
import { ingestInput, until, type IngestRunner } from './ingest-runner.ts';

/** Saves the history of a run under a name, by which the replay test knows the id that it ran under. */
type Save = (name: string, workflowId: string) => Promise<void>;
type Handle = Awaited<ReturnType<typeof start>>;

const createActivities = (changed: Partial<PublishActivities> = {}): PublishActivities => ({
  readHead: async () => ({ revision: 2, transcript: { key: 'k', digest: 'd' } }),
  recordPublication: async () => undefined,
  settlePublication: async () => undefined,
  ...changed,
});

function start(runner: IngestRunner) {
  const { tenantId, lectureId } = ingestInput();
  const options = toPublishStartOptions({ tenantId, lectureId });
  return runner.client.workflow.signalWithStart<(input: PublishInput) => Promise<PublishResult>>(PUBLISH_WORKFLOW, options);
}

/** Every path of a publication: done, edited meanwhile, begun again as superseded, gone, failed, cancelled; and an ingest that was superseded. */
export async function recordPublishHistories(runner: IngestRunner, save: Save): Promise<void> {
  const withPublication = async (
    name: string,
    options: FakeOptions,
    changed: Partial<PublishActivities>,
    work: (handle: Handle, fakes: FakeActivities) => Promise<unknown> = (handle) => handle.result().catch(() => undefined),
  ): Promise<void> => {
    const fakes = createFakeActivities(options);
    const stops = await Promise.all([
      runner.startWorker(TASK_QUEUES.cpu, { ...fakes.cpu, ...createActivities(changed) }),
      runner.startWorker(TASK_QUEUES.gpu, fakes.gpu),
    ]);
    const handle = await start(runner);
    await work(handle, fakes);
    await save(name, handle.workflowId);
    await Promise.all(stops.map((stop) => stop()));
  };

  await withPublication('published', {}, {});
  await withPublication('superseded', { cpu: supersededOnce() }, {});
  await withPublication('gone', {}, { readHead: async () => null });
  await withPublication('failed', { cpu: { index: refuse } }, {});
  let isReleased = false;
  const embed = async () => {
    await until(() => isReleased);
    return { artifact: { key: 'k', digest: 'e' }, reused: false, embedded: 1 };
  };
  await withPublication('edited-meanwhile', { gpu: { embed } }, {}, async (handle, fakes) => {
    await until(() => fakes.calls.some(({ name }) => name === 'embed'));
    await handle.signal(EDITED_SIGNAL);
    isReleased = true;
    await handle.result();
  });
  await withPublication('cancelled', { gpu: { embed: untilCancelled } }, {}, async (handle, fakes) => {
    await until(() => fakes.calls.some(({ name }) => name === 'embed'));
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });
  await runner.withIngest(createFakeActivities({ cpu: supersededOnce() }), ingestInput(), async (handle) => {
    await handle.result();
    await save('superseded-ingest', handle.workflowId);
  });
}

async function refuse(): Promise<never> {
  throw ApplicationFailure.nonRetryable('no space left', 'conflict');
}

function supersededOnce(): NonNullable<FakeOptions['cpu']> {
  let rounds = 0;
  return {
    async index({ embeddings }) {
      rounds += 1;
      return { generation: generationOf(embeddings), chunks: 12, reused: false, revision: 2, superseded: rounds === 1 };
    },
  };
}
