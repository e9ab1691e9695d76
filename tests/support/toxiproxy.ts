import { access, mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findOnPath } from '../../cli/embedded/find-on-path.ts';
import { takePort } from '../../cli/embedded/free-port.ts';
import { buildWithGo } from '../../cli/embedded/go-install.ts';
import { supervise, type SupervisedProcess } from '../../cli/embedded/supervised-process.ts';
import { timedStep } from '../../cli/embedded/timed-step.ts';
import { untilHealthy } from '../../cli/embedded/until-healthy.ts';
import { LecternError, toLecternError } from '../../contracts/errors.ts';

/** A port of loopback in front of a server, that can be made to fail as networks do. */
export interface FaultyLink {
  /** `host:port` to connect to. */
  address: string;
  /** Every connection is closed, and new ones are refused. */
  cut(): Promise<void>;
  /** Connections begin anew, and every answer takes this much longer. */
  slow(latencyMs: number): Promise<void>;
  /** Connections begin anew, and nothing passes, as behind a dead router. */
  blackHole(): Promise<void>;
  /** As if nothing had been; connections begin anew. */
  heal(): Promise<void>;
}

export interface Toxiproxy {
  /** A link to `upstream`, `host:port`. */
  link(name: string, upstream: string): Promise<FaultyLink>;
  stop(): Promise<void>;
}

const MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server@latest';
const READY_TIMEOUT_MS = 60_000;
const HOST = '127.0.0.1';

/** On the path; built before; built now with the Go tools. Errors: `unavailable`, with what to install. */
export async function findToxiproxyBinary(cacheDir: string, report: (line: string) => void): Promise<string> {
  const onPath = await findOnPath('toxiproxy-server', process.env['PATH']);
  if (onPath !== undefined) return onPath;
  const cached = join(cacheDir, 'bin', 'toxiproxy-server');
  const isCached = await access(cached).then(
    () => true,
    () => false,
  );
  if (isCached) return cached;
  try {
    await timedStep(report, 'toxiproxy: building it with `go install` (once, half a minute)', () => buildWithGo(MODULE, cached));
  } catch (error) {
    throw new LecternError('unavailable', `there is no toxiproxy to cut connections with: ${toLecternError(error).message}`, {
      cure: 'Install Go 1.24 or newer, or put `toxiproxy-server` on the path.',
      cause: error,
    });
  }
  return cached;
}

/** Proxies of a test's own, on loopback. They end with this process. */
export async function startToxiproxy(binary: string): Promise<Toxiproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-toxiproxy-'));
  const closers: (() => Promise<void>)[] = [];
  return {
    async link(name, upstream) {
      const link = await openLink(binary, join(folder, name), upstream);
      closers.push(link.close);
      return link;
    },
    async stop() {
      for (const close of closers) await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Toxic {
  type: 'latency' | 'timeout';
  attributes: Record<string, number>;
}

/** Toxiproxy waits for ever for a connection that is stuck in a fault: each state of a link is a server of its own, killed after it. */
async function openLink(binary: string, folder: string, upstream: string): Promise<FaultyLink & { close: () => Promise<void> }> {
  const address = `${HOST}:${await takePort(HOST, 0, 'PATH')}`;
  let server: SupervisedProcess | undefined;
  const close = async (): Promise<void> => {
    if (server === undefined) return;
    if (server.exit() === undefined) process.kill(-server.pid, 'SIGKILL');
    await server.exited;
    server = undefined;
  };
  const open = async (toxic?: Toxic): Promise<void> => {
    await close();
    const port = await takePort(HOST, 0, 'PATH');
    const started = startServer(binary, port, join(folder, 'log'));
    server = started;
    const api = `http://${HOST}:${port}`;
    await untilHealthy(started, () => tell(api, 'GET', '/version'), READY_TIMEOUT_MS);
    await tell(api, 'POST', '/proxies', { name: 'link', listen: address, upstream, enabled: false });
    if (toxic !== undefined) await tell(api, 'POST', '/proxies/link/toxics', { ...toxic, stream: 'downstream' });
    await tell(api, 'POST', '/proxies/link', { enabled: true });
  };
  await open();
  return {
    address,
    cut: close,
    slow: (latencyMs) => open({ type: 'latency', attributes: { latency: latencyMs } }),
    blackHole: () => open({ type: 'timeout', attributes: { timeout: 0 } }),
    heal: () => open(),
    close,
  };
}

function startServer(binary: string, port: number, logFile: string): SupervisedProcess {
  const args = ['-host', HOST, '-port', String(port)];
  return supervise({ name: 'toxiproxy', command: binary, args, env: { ...process.env, LOG_LEVEL: 'error' }, logFile });
}

/** On a connection of its own: toxiproxy closes idle ones, which a request may come upon. */
async function tell(api: string, method: string, path: string, body?: unknown): Promise<void> {
  const { status, said } = await new Promise<{ status: number; said: string }>((resolve, reject) => {
    const outgoing = request(`${api}${path}`, { method, agent: false }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, said: answer }), reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
  if (status >= 300) throw new Error(`toxiproxy answers ${status} to ${method} ${path}: ${said}`);
}
