import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { toIngestStartOptions } from '../../contracts/ingest-start.ts';
import { DEPLOYMENT, INGEST_WORKFLOW } from '../../contracts/stages.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { runWorkers } from '../../worker/run-workers.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { createFakeActivities } from './fake-activities.ts';
import { ingestInput } from './ingest-runner.ts';

let temporal: TemporalServer;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  temporal = await startTestTemporal();
});
afterAll(() => temporal.stop());

it('makes its build the one that new runs begin on, and pins them to it, where it is told to', async () => {
  const config = { ...parseConfig(process.env), TEMPORAL_ADDRESS: temporal.address, LECTERN_UPGRADES: 'pinned' as const };
  const { cpu, gpu } = createFakeActivities();
  const stop = new AbortController();
  const running = runWorkers({ config, logger: pino({ level: 'silent' }), cpu, gpu, signal: stop.signal });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  const handle = await client.workflow.start(INGEST_WORKFLOW, toIngestStartOptions(ingestInput(), {}));
  expect(await handle.result()).toMatchObject({ chunks: 12 });
  const { versioningInfo } = (await handle.describe()).raw.workflowExecutionInfo ?? {};
  const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
    namespace: 'default',
    deploymentName: DEPLOYMENT,
  });
  const build = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId;
  expect(build).toMatch(/^[0-9a-f]{24}$/);
  expect(versioningInfo?.deploymentVersion?.buildId).toBe(build);
  await connection.close();
  stop.abort();
  await running;
});

it('ends at once when it was told to stop while it started', async () => {
  const config = { ...parseConfig(process.env), TEMPORAL_ADDRESS: temporal.address };
  const { cpu, gpu } = createFakeActivities();
  const logger = pino({ level: 'silent' });
  await runWorkers({ config, logger, cpu, gpu, signal: AbortSignal.abort() });
  // Nothing is left of it that would keep a process alive.
  await expect(Runtime.instance().shutdown()).resolves.toBeUndefined();
}, 30_000);
