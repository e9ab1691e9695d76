import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the hub does with one request; anything but `serve` is a fault. */
type Behaviour = 'serve' | 'cut' | 'no-ranges' | 'redirect' | 'wrong-bytes' | 'not-found' | 'error' | 'wrong-size' | 'hang' | 'stall';

export interface TestHub {
  url: string;
  /** One entry a request: path and range asked for. */
  requests: { path: string; range: string | undefined; ifRange: string | undefined }[];
  /** Taken one a request; `serve` when used up. */
  behaviours: Behaviour[];
  close(): Promise<void>;
}

/** A model hub on a free port that serves `files` by path, with ranges and etags, and misbehaves as told. */
export async function startTestHub(files: Record<string, Buffer>): Promise<TestHub> {
  const requests: TestHub['requests'] = [];
  const behaviours: Behaviour[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    requests.push({ path, range: request.headers.range, ifRange: request.headers['if-range'] as string | undefined });
    answer(files[path.replace(/^\/moved/, '')], behaviours.shift() ?? 'serve', path, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    behaviours,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(file: Buffer | undefined, behaviour: Behaviour, path: string, request: IncomingMessage, response: ServerResponse): void {
  if (behaviour === 'hang') return;
  if (file === undefined || behaviour === 'not-found') return void response.writeHead(404).end('Entry not found');
  if (behaviour === 'error') return void response.writeHead(503).end();
  if (behaviour === 'redirect') return void response.writeHead(302, { Location: `/moved${path}` }).end();
  const body = behaviour === 'wrong-bytes' ? Buffer.alloc(file.length, 1) : behaviour === 'wrong-size' ? file.subarray(1) : file;
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  const start = rangeStart(request, etag, behaviour);
  const rest = body.subarray(start ?? 0);
  response.writeHead(start === undefined ? 200 : 206, {
    ETag: etag,
    'Content-Length': rest.length,
    ...(start === undefined ? {} : { 'Content-Range': `bytes ${start}-${body.length - 1}/${body.length}` }),
  });
  if (behaviour !== 'cut' && behaviour !== 'stall') return void response.end(rest);
  response.write(rest.subarray(0, Math.ceil(rest.length / 2)), () => {
    if (behaviour === 'cut') response.destroy();
  });
}

function rangeStart(request: IncomingMessage, etag: string, behaviour: Behaviour): number | undefined {
  if (behaviour === 'no-ranges') return undefined;
  const ifRange = request.headers['if-range'];
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}
