import { mkdir } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { createCodecAccess } from './codec-access.ts';
import { ensurePage } from '../../web/build.ts';
import { ensureFirstApiKey } from './first-api-key.ts';
import { takePort } from './free-port.ts';
import { identifyProcess } from './process-identity.ts';
import { lockStack } from './stack-lock.ts';
import { removeStackState, writeStackState } from './stack-state.ts';
import { frugalMalloc } from './frugal-malloc.ts';
import { supervise, type ProcessExit, type SupervisedProcess } from './supervised-process.ts';
import { provideTemporal } from './provide-temporal.ts';
import { timedStep } from './timed-step.ts';
import { untilHealthy } from './until-healthy.ts';
import { checkWorkers } from './worker-health.ts';

export interface RunningStack {
  apiUrl: string;
  apiKey: string;
  temporalAddress: string;
  /** `null` where Temporal is not ours (`TEMPORAL_ADDRESS`). */
  temporalUiUrl: string | null;
  /** Ends every process of the stack, in order, and returns when they have ended. */
  stop(): Promise<void>;
  /** Resolves when a process of the stack ends without having been asked to; `reason` is the end of its log. */
  exited: Promise<ProcessExit & { reason: string }>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Two Node processes that load native modules, on two cores that may be busy with something else. */
const HEALTHY_WITHIN_MS = 120_000;

/**
 * The embedded stack: Temporal, the API and a worker of both queues, healthy when this returns. Logs go to `<LECTERN_DATA>/logs`, and
 * `<LECTERN_DATA>/stack.json` says where it runs. Errors: `conflict` (a stack runs there, a port is taken), `unavailable`.
 */
export async function startStack(given: Config, report: (line: string) => void): Promise<RunningStack> {
  const config = { ...given, LECTERN_DATA: resolvePath(given.LECTERN_DATA) };
  if (config.LECTERN_UPGRADES === 'pinned') {
    throw new LecternError('invalid-input', 'LECTERN_UPGRADES=pinned needs workers of two builds side by side, and this stack has one', {
      cure: 'Unset it: after an upgrade, runs that are under way go on by their histories.',
    });
  }
  const dataDir = config.LECTERN_DATA;
  const unlock = await lockStack(dataDir);
  const running: SupervisedProcess[] = [];
  const stopping = new AbortController();
  const stop = async () => {
    stopping.abort();
    await removeStackState(dataDir);
    // The last one started is the first to end: a worker still needs Temporal to say goodbye.
    for (const process of running.toReversed()) await process.stop();
    await unlock();
  };
  try {
    await mkdir(join(dataDir, 'logs'), { recursive: true });
    const port = await takePort(config.LECTERN_HOST, config.LECTERN_PORT, 'LECTERN_PORT');
    const apiKey = await ensureFirstApiKey(config);
    await ensurePage(report);
    const codec = createCodecAccess(config, port);
    const temporal = await provideTemporal(config, report, codec?.endpoint);
    if (temporal.process !== undefined) running.push(temporal.process);

    const environment = {
      ...process.env,
      ...(temporal.uiUrl === null ? {} : codec?.environment(temporal.uiUrl)),
      LECTERN_DATA: dataDir,
      LECTERN_PORT: String(port),
      TEMPORAL_ADDRESS: temporal.address,
    };
    const apiUrl = `http://${toUrlHost(config.LECTERN_HOST)}:${port}`;
    const startedAt = Date.now();
    const [worker, api] = [startNode('worker', dataDir, environment), startNode('api', dataDir, environment)];
    running.push(worker, api);
    await timedStep(report, 'API and worker: starting', async () => {
      await Promise.all([
        untilHealthy(api, () => checkApi(apiUrl), HEALTHY_WITHIN_MS),
        untilHealthy(worker, () => checkWorkers(temporal.address, config.TEMPORAL_NAMESPACE, startedAt), HEALTHY_WITHIN_MS),
      ]);
    });

    const addresses = { apiUrl, temporalAddress: temporal.address, temporalUiUrl: temporal.uiUrl };
    await writeStackState(dataDir, { supervisor: await identifyProcess(process.pid), ...addresses });
    return { ...addresses, apiKey, stop, exited: firstExit(running, stopping.signal) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startNode(name: 'api' | 'worker', dataDir: string, env: Record<string, string | undefined>): SupervisedProcess {
  const logFile = join(dataDir, 'logs', `${name}.log`);
  const frugal = { ...frugalMalloc(name), ...env };
  return supervise({ name, command: process.execPath, args: [join(ROOT, name, 'main.ts')], env: frugal, logFile });
}

/** Never resolves for processes that end because the stack is stopped. */
function firstExit(running: readonly SupervisedProcess[], stopping: AbortSignal): RunningStack['exited'] {
  return new Promise((resolve) => {
    for (const process of running) {
      void process.exited.then((exit) => {
        if (!stopping.aborted) resolve({ ...exit, reason: process.logTail() });
      });
    }
  });
}

async function checkApi(apiUrl: string): Promise<void> {
  const response = await fetch(`${apiUrl}/health/ready`, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new LecternError('unavailable', `the API is not ready: ${(await response.text()).slice(0, 500)}`);
}

/** Where all addresses are listened on, this machine reaches the API by its loopback address. */
function toUrlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
