import { Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { runWorkers } from '../../worker/run-workers.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { createFakeActivities } from './fake-activities.ts';

let temporal: TemporalServer;
beforeAll(async () => {
  temporal = await startTestTemporal();
});
afterAll(() => temporal.stop());

it('ends at once when it was told to stop while it started', async () => {
  const config = { ...parseConfig(process.env), TEMPORAL_ADDRESS: temporal.address };
  const { cpu, gpu } = createFakeActivities();
  const logger = pino({ level: 'silent' });
  await runWorkers({ config, logger, cpu, gpu, signal: AbortSignal.abort() });
  // Nothing is left of it that would keep a process alive.
  await expect(Runtime.instance().shutdown()).resolves.toBeUndefined();
}, 30_000);
