import { access, mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findOnPath } from '../../cli/embedded/find-on-path.ts';
import { takePort } from '../../cli/embedded/free-port.ts';
import { buildWithGo } from '../../cli/embedded/go-install.ts';
import { supervise } from '../../cli/embedded/supervised-process.ts';
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
const READY_TIMEOUT_MS = 30_000;
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

/** A proxy server of a test's own, on loopback. It ends with this process. */
export async function startToxiproxy(binary: string): Promise<Toxiproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-toxiproxy-'));
  const port = await takePort(HOST, 0, 'PATH');
  const server = supervise({
    name: 'toxiproxy',
    command: binary,
    args: ['-host', HOST, '-port', String(port)],
    env: { ...process.env, LOG_LEVEL: 'error' },
    logFile: join(folder, 'log'),
  });
  const api = `http://${HOST}:${port}`;
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilHealthy(server, () => tell(api, 'GET', '/version'), READY_TIMEOUT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return { link: (name, upstream) => openLink(api, name, upstream), stop };
}

async function openLink(api: string, name: string, upstream: string): Promise<FaultyLink> {
  const address = `${HOST}:${await takePort(HOST, 0, 'PATH')}`;
  const path = `/proxies/${name}`;
  const make = (enabled: boolean): Promise<void> => tell(api, 'POST', '/proxies', { name, listen: address, upstream, enabled });
  // Toxiproxy waits for ever for a connection that is stuck: a fault comes to a link that has none, and goes with its link.
  const hurt = async (type: string, attributes: Record<string, number>): Promise<void> => {
    await tell(api, 'DELETE', path);
    await make(false);
    await tell(api, 'POST', `${path}/toxics`, { type, stream: 'downstream', attributes });
    await tell(api, 'POST', path, { enabled: true });
  };
  await make(true);
  return {
    address,
    cut: () => tell(api, 'POST', path, { enabled: false }),
    slow: (latencyMs) => hurt('latency', { latency: latencyMs }),
    blackHole: () => hurt('timeout', { timeout: 0 }),
    async heal() {
      await tell(api, 'DELETE', path);
      await make(true);
    },
  };
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
