import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { LecternError } from '../contracts/errors.ts';
import type { ApiApp } from './openapi.ts';

export interface RunningServer {
  /** `http://host:port`, the port being the real one where 0 was asked for. */
  url: string;
  /** Takes no new requests, lets those under way end, and returns. */
  close(): Promise<void>;
}

/** An upload over a slow line may take hours, so only silence ends a connection. */
const SILENCE_MS = 5 * 60_000;
/** A stopping server waits that long for the requests under way. */
const GRACE_MS = 10_000;

/** Serves the app. Errors: `conflict` for a taken port. */
export function startServer(app: ApiApp, { host, port }: { host: string; port: number }): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port, serverOptions: { requestTimeout: 0 } });
    if ('timeout' in server) server.timeout = SILENCE_MS;
    server.once('error', (error: NodeJS.ErrnoException) => reject(toStartError(error, host, port)));
    server.once('listening', () => {
      const { address, port: actual } = server.address() as AddressInfo;
      const name = address.includes(':') ? `[${address}]` : address;
      resolve({
        url: `http://${name}:${actual}`,
        close: () =>
          new Promise((closed, failed) => {
            const late = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), GRACE_MS);
            server.close((error) => {
              clearTimeout(late);
              if (error) failed(error);
              else closed();
            });
            if ('closeIdleConnections' in server) server.closeIdleConnections();
          }),
      });
    });
  });
}

function toStartError(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  if (error.code === 'EADDRINUSE') {
    return new LecternError('conflict', `port ${port} on ${host} is taken by another program`, {
      cure: 'Stop that program, or set LECTERN_PORT to another port (0 takes a free one).',
      cause: error,
    });
  }
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL') {
    return new LecternError('invalid-input', `the API cannot listen on ${host}:${port}: ${error.message}`, {
      cure: 'Set LECTERN_HOST to an address of this machine and LECTERN_PORT to a port above 1023.',
      cause: error,
    });
  }
  return error;
}
