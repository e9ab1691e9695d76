import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '../../contracts/config.ts';
import { createLogger } from '../../observability/logger.ts';
import { createApiKeyStore } from '../../storage/api-keys.ts';
import { createCpuActivities, createGpuActivities } from '../../worker/create-activities.ts';
import { openWorkerTelemetry } from '../../worker/open-telemetry.ts';
import { runWorkers } from '../../worker/run-workers.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { openRealStores } from '../workflows/real-stores.ts';
import { createScriptedModels } from '../workflows/scripted-models.ts';

export type LogLine = Record<string, unknown>;

export interface ReceivedSpan {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
}

export interface ObservedStack {
  apiUrl: string;
  metricsUrl: string;
  key: string;
  tenantId: string;
  temporalAddress: string;
  /** What API and worker have logged so far, as text and as read. */
  logs: { api: string; worker: string };
  readLog(process: 'api' | 'worker'): LogLine[];
  spans: ReceivedSpan[];
  /** Ends API and worker, which send the spans that they still have. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

const API = fileURLToPath(new URL('../../api/main.ts', import.meta.url));

/**
 * The API as a process of its own and a worker with scripted models, wired as in production, on a real Temporal server and one folder
 * of stores; both log all they can and send their spans to a receiver here.
 */
export async function startObservedStack(): Promise<ObservedStack> {
  const temporal = await startTestTemporal();
  const stores = await openRealStores();
  const spans: ReceivedSpan[] = [];
  const receiver = await startReceiver(spans);
  const environment = {
    ...process.env,
    LECTERN_DATA: stores.folder,
    LECTERN_PORT: '0',
    LECTERN_LOG: 'debug',
    LECTERN_LLM: 'none',
    TEMPORAL_ADDRESS: temporal.address,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
  };
  const logs = { api: '', worker: '' };
  const readLog = (name: 'api' | 'worker') =>
    logs[name].split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));

  const config = parseConfig(environment);
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logs.worker += chunk.toString();
      done();
    },
  });
  const logger = createLogger(config.LECTERN_LOG, 'worker', destination);
  const telemetry = await openWorkerTelemetry(config, logger, 'worker');
  const deps = stores.deps(createScriptedModels());
  const metered = { ...deps, objects: telemetry.stores.meterObjects(stores.objects), index: telemetry.stores.meterIndex(stores.index) };
  const stopping = new AbortController();
  const [cpu, gpu] = [createCpuActivities(metered), createGpuActivities(metered)];
  const worker = runWorkers({ config, logger, cpu, gpu, telemetry, signal: stopping.signal });

  const api = spawn(process.execPath, [API], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  api.stdout.on('data', (chunk: Buffer) => (logs.api += chunk.toString()));
  const apiUrl = await untilListening(api, () => readLog('api'));
  const tenantId = 'watched-uni';
  const { key } = await createApiKeyStore(stores.objects).create(tenantId, { name: 'test', role: 'admin' });
  let stopped: Promise<void> | undefined;
  const stopAll = async () => {
    stopping.abort();
    await worker;
    await telemetry.close();
    await end(api);
  };
  const stop = () => (stopped ??= stopAll());
  return {
    apiUrl,
    metricsUrl: telemetry.metricsUrl,
    key,
    tenantId,
    temporalAddress: temporal.address,
    logs,
    readLog,
    spans,
    stop,
    async close() {
      await stop();
      receiver.close();
      receiver.closeAllConnections();
      await temporal.stop();
      await stores.close();
    },
  };
}

async function untilListening(api: ChildProcess, read: () => LogLine[]): Promise<string> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline && api.exitCode === null) {
    const url = read().find((line) => 'url' in line)?.['url'];
    if (typeof url === 'string') return url;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the API does not listen: ${JSON.stringify(read())}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
}

interface OtlpBody {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Omit<ReceivedSpan, 'service'>[] }[];
  }[];
}

/** Takes what OTLP over HTTP sends to a collector, as JSON. */
async function startReceiver(spans: ReceivedSpan[]): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as OtlpBody;
      for (const { resource, scopeSpans } of resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service }))));
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
