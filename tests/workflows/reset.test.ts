import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAILURE_MEMO } from '../../contracts/stages.ts';
import { createFakeActivities } from './fake-activities.ts';
import { ingestInput, startIngestRunner, type IngestRunner } from './ingest-runner.ts';
import { resetToFailedStage } from './reset-to-stage.ts';

let runner: IngestRunner;
beforeAll(async () => {
  runner = await startIngestRunner();
});
afterAll(() => runner.close());

it('goes on from the failed stage after a reset, without running earlier stages again', async () => {
  let mended = false;
  const fakes = createFakeActivities({
    gpu: {
      embed: async () => {
        if (!mended) throw ApplicationFailure.nonRetryable('minilm-l6-int8 is not there', 'model-missing');
        return { artifact: { key: 'k', digest: 'e'.repeat(64) }, reused: false };
      },
    },
  });
  await runner.withIngest(fakes, ingestInput(), async (handle) => {
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    mended = true;
    fakes.calls.length = 0;
    await resetToFailedStage(runner.client, handle);
    const again = runner.client.workflow.getHandle(handle.workflowId);
    expect(await again.result()).toMatchObject({ generation: `g1-${'e'.repeat(24)}`, chunks: 12 });
    expect(fakes.calls.map(({ name }) => name)).toEqual(['embed', 'index', 'recordOutcome']);
    expect((await again.describe()).memo).not.toHaveProperty(FAILURE_MEMO);
    expect(fakes.outcomes.map(({ state }) => state)).toEqual(['failed', 'ready']);
  });
});
