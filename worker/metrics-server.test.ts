import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import type { Metric } from '../contracts/metrics.ts';
import { startMetricsServer, type MetricsServer } from './metrics-server.ts';

const one: Metric = { name: 'lectern_test', help: 'One.', type: 'gauge', samples: [{ labels: {}, value: 1 }] };
let server: MetricsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const start = (port: number, readOthers = async () => 'temporal_test 2\n') =>
  startMetricsServer({ host: '127.0.0.1', port, sources: [() => [one]], readOthers });

it('tells its own numbers and those of others at /metrics, and nothing anywhere else', async () => {
  server = await start(0);
  const response = await fetch(server.url);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(await response.text()).toBe('# HELP lectern_test One.\n# TYPE lectern_test gauge\nlectern_test 1\ntemporal_test 2\n');
  expect((await fetch(new URL('/', server.url))).status).toBe(404);
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(404);
});

it('says which variable to change where its port is taken', async () => {
  server = await start(0);
  const port = Number(new URL(server.url).port);
  await expect(start(port)).rejects.toMatchObject({ kind: 'conflict', cure: expect.stringContaining('LECTERN_METRICS_PORT') as string });
});

it('does not keep a process alive that has nothing else to do', async () => {
  const script = `
    import { startMetricsServer } from ${JSON.stringify(new URL('./metrics-server.ts', import.meta.url).href)};
    const { url } = await startMetricsServer({ host: '127.0.0.1', port: 0, sources: [], readOthers: async () => '' });
    console.log(url);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { timeout: 60_000 });
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics\n$/);
}, 90_000);
