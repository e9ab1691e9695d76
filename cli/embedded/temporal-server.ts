import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { LecternError } from '../../contracts/errors.ts';
import { SEARCH_ATTRIBUTES } from '../../contracts/stages.ts';
import { findHolder } from './file-holder.ts';
import { takePort } from './free-port.ts';
import { supervise, type SupervisedProcess } from './supervised-process.ts';
import { untilHealthy } from './until-healthy.ts';

export interface TemporalServerOptions {
  /** Path of a `temporal` binary, see `findTemporalBinary`. */
  binary: string;
  /** SQLite file of the server; in memory when absent. */
  dbFile?: string;
  logFile: string;
  namespace: string;
  /** 0 takes a free one. */
  port: number;
  uiPort: number;
  /** Where the UI has payloads decrypted. */
  uiCodecEndpoint?: string;
  /** Settings of the server beside ours, as `history.something="1s"`. */
  dynamicConfig?: readonly string[];
}

export interface TemporalServer {
  address: string;
  uiUrl: string;
  process: SupervisedProcess;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
/** About 5 s on an idle machine; a first start makes the database, on two busy cores. */
const HEALTHY_WITHIN_MS = 90_000;
/** A server whose supervisor was killed ends within a second or two. */
const HOLDER_PATIENCE_MS = 10_000;

/**
 * `priority` and `fairnessKey` work only with the new matcher and fairness on; their order holds within a partition, so a queue
 * has one.
 */
const DYNAMIC_CONFIG = [
  'matching.useNewMatcher=true',
  'matching.enableFairness=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
];

/** A port that was free when asked may be taken a moment later, and the server picks more of its own: such a start is worth another. */
const START_ATTEMPTS = 3;

/** Starts Temporal's development server and waits until it serves the namespace. It ends with this process, however that ends. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  if (options.dbFile !== undefined) await claimDatabase(options.dbFile);
  for (let attempt = 1; ; attempt++) {
    const port = await takePort(HOST, options.port, 'LECTERN_TEMPORAL_PORT');
    const uiPort = await takePort(HOST, options.uiPort, 'LECTERN_TEMPORAL_UI_PORT');
    const args = toArguments(options, port, uiPort);
    const server = supervise({
      name: 'temporal',
      command: options.binary,
      args,
      env: withoutSecrets(process.env),
      logFile: options.logFile,
    });
    const address = `${HOST}:${port}`;
    try {
      await untilHealthy(server, () => checkNamespace(address, options.namespace), HEALTHY_WITHIN_MS);
      await keepRuns(address, options.namespace);
      return { address, uiUrl: `http://${HOST}:${uiPort}`, process: server, stop: () => server.stop() };
    } catch (error) {
      const lostPort = server.exit() !== undefined && /address already in use/i.test(server.logTail());
      await server.stop();
      if (!lostPort || attempt === START_ATTEMPTS) throw error;
    }
  }
}

/** The keys of what it stores are no business of the server that stores it. */
function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { LECTERN_MASTER_KEY: _, ...others } = environment;
  return others;
}

/** Throws until the server at `address` serves `namespace`. */
export async function checkNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 3_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } finally {
    await connection.close();
  }
}

/** The server forgets a run a day after its end; a failed ingest must still be there when somebody comes back from a holiday. */
const KEPT = '30 days';

async function keepRuns(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    const config = { workflowExecutionRetentionTtl: msToTs(KEPT) };
    await connection.workflowService.updateNamespace({ namespace, config });
  } finally {
    await connection.close();
  }
}

/** Errors: `conflict` when another server works on this file. */
async function claimDatabase(dbFile: string): Promise<void> {
  await mkdir(dirname(dbFile), { recursive: true });
  const holder = await findHolder(dbFile, HOLDER_PATIENCE_MS);
  if (holder === undefined) return;
  throw new LecternError('conflict', `${dbFile} is in use by another Temporal server (process ${holder})`, {
    cure: `Stop that server (kill ${holder}), or give this stack a folder of its own with LECTERN_DATA.`,
  });
}

function toArguments(options: TemporalServerOptions, port: number, uiPort: number): string[] {
  const flags: [string, string][] = [
    ['--ip', HOST],
    ['--port', String(port)],
    ['--ui-ip', HOST],
    ['--ui-port', String(uiPort)],
    ['--log-level', 'warn'],
    ['--log-format', 'json'],
    ['--namespace', options.namespace],
    ...[...DYNAMIC_CONFIG, ...(options.dynamicConfig ?? [])].map((setting): [string, string] => ['--dynamic-config-value', setting]),
    ...SEARCH_ATTRIBUTES.map((name): [string, string] => ['--search-attribute', `${name}=Keyword`]),
  ];
  // What is deleted is overwritten: an erased tenant's histories stay in no free page.
  if (options.dbFile !== undefined) flags.push(['--db-filename', options.dbFile], ['--sqlite-pragma', 'secure_delete=ON']);
  if (options.uiCodecEndpoint !== undefined) flags.push(['--ui-codec-endpoint', options.uiCodecEndpoint]);
  return ['server', 'start-dev', ...flags.flat()];
}
