import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricSource } from '../contracts/metrics.ts';
import { LecternError } from '../contracts/errors.ts';
import { METRICS_CONTENT_TYPE, toMetricsText } from '../observability/metrics-text.ts';

export interface MetricsServer {
  url: string;
  close(): Promise<void>;
}

export interface MetricsServerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  sources: readonly MetricSource[];
  /** Families in text format that somebody else counts, such as Temporal's SDK. */
  readOthers: () => Promise<string>;
}

/** Serves `GET /metrics`, and nothing else. Errors: `conflict` for a taken port. */
export async function startMetricsServer({ host, port, sources, readOthers }: MetricsServerOptions): Promise<MetricsServer> {
  const read = async (): Promise<string> => toMetricsText(sources.flatMap((source) => source())) + (await readOthers());
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    read().then(
      (text) => response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(toStartError(error, host, port)));
    server.listen({ host, port }, resolve);
  });
  // A worker that cannot start must end, not stay to tell its numbers.
  server.unref();
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${actual}/metrics`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function toStartError(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  if (error.code !== 'EADDRINUSE') return error;
  return new LecternError('conflict', `port ${port} on ${host} is taken by another program`, {
    cure: 'Stop that program, or set LECTERN_METRICS_PORT to another port (0 takes a free one).',
    cause: error,
  });
}
