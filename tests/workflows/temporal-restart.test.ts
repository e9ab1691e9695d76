import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { findTemporalBinary } from '../../cli/embedded/temporal-binary.ts';
import { startTemporalServer } from '../../cli/embedded/temporal-server.ts';
import { parseConfig } from '../../contracts/config.ts';
import { toIngestStartOptions } from '../../contracts/ingest-start.ts';
import { INGEST_WORKFLOW, TASK_QUEUES } from '../../contracts/stages.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';
import { createFakeActivities } from './fake-activities.ts';
import { ingestInput, until } from './ingest-runner.ts';

it('lets an acknowledged ingest survive a restart of Temporal, and its worker go on by itself', async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
  });
  const config = parseConfig(process.env);
  const folder = await mkdtemp(join(tmpdir(), 'lectern-restart-'));
  const { path: binary } = await findTemporalBinary({
    cacheDir: config.LECTERN_CACHE,
    offline: config.LECTERN_OFFLINE,
    searchPath: process.env['PATH'],
    report: () => undefined,
  });
  const start = (port: number) =>
    startTemporalServer({
      binary,
      dbFile: join(folder, 'temporal.db'),
      logFile: join(folder, 'log'),
      namespace: 'default',
      port,
      uiPort: 0,
    });
  const before = await start(0);
  const { address } = before;

  const fakes = createFakeActivities();
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const align: typeof fakes.cpu.align = async (input) => {
    await released;
    return fakes.cpu.align(input);
  };
  const connection = await NativeConnection.connect({ address });
  const workflowBundle = await ensureWorkflowBundle(config.LECTERN_CACHE);
  const workers = [
    await Worker.create({ connection, taskQueue: TASK_QUEUES.cpu, workflowBundle, activities: { ...fakes.cpu, align } }),
    await Worker.create({ connection, taskQueue: TASK_QUEUES.gpu, activities: fakes.gpu }),
  ];
  const running = workers.map((worker) => worker.run());
  const client = new Client({ connection: await Connection.connect({ address }) });
  const handle = await client.workflow.start(INGEST_WORKFLOW, toIngestStartOptions(ingestInput(), {}));
  await until(() => fakes.calls.some(({ name }) => name === 'joinTranscription'));

  await before.stop();
  const after = await start(Number(address.split(':')[1]));
  release();
  expect(await handle.result()).toMatchObject({ chunks: 12 });
  expect(fakes.calls.filter(({ name }) => name === 'prepare')).toHaveLength(1);

  for (const worker of workers) worker.shutdown();
  await Promise.all(running);
  await client.connection.close();
  await connection.close();
  await after.stop();
  await rm(folder, { recursive: true });
});
