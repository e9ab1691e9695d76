import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { createApiClient, type ApiClient } from '../../cli/api-client.ts';
import { ensureFirstApiKey } from '../../cli/embedded/first-api-key.ts';
import { takePort } from '../../cli/embedded/free-port.ts';
import { frugalMalloc } from '../../cli/embedded/frugal-malloc.ts';
import { provideTemporal } from '../../cli/embedded/provide-temporal.ts';
import { supervise, type SupervisedProcess } from '../../cli/embedded/supervised-process.ts';
import { untilHealthy } from '../../cli/embedded/until-healthy.ts';
import { checkWorkers } from '../../cli/embedded/worker-health.ts';
import { openUploadBody } from '../../cli/upload-body.ts';
import { parseConfig, type Config } from '../../contracts/config.ts';
import { ingestWorkflowId, type LectureId } from '../../contracts/identity.ts';
import type { IngestInput, IngestResult } from '../../contracts/ingest.ts';
import { readProcessorMs } from '../query-load/processor-time.ts';
import { WITHOUT_LIMITS } from '../without-limits.ts';
import { readCalls, type Call } from './call-log.ts';

const ROOT = join(import.meta.dirname, '../..');
const HEALTHY_WITHIN_MS = 180_000;
/** Whom the first API key of a stack belongs to. */
export const TENANT = 'local';

export type IngestRun = WorkflowHandle<(input: IngestInput) => Promise<IngestResult>>;

/** The embedded stack with a worker whose calls of models and ffmpeg are counted. */
export interface MeasuredStack {
  config: Config;
  apiUrl: string;
  apiKey: string;
  api: ApiClient;
  /** Uploads a file and starts its ingest, as the command line does. */
  upload(file: string): Promise<{ lectureId: LectureId; run: IngestRun }>;
  calls(): Promise<Call[]>;
  /** Processor time that each process has used so far, whatever else runs on the machine. */
  processorMs(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/** Temporal with its database in a file, the API and the worker as processes, in an empty folder, on free ports. */
export async function startMeasuredStack(
  models: 'real' | 'scripted',
  environment: NodeJS.ProcessEnv,
  note: (line: string) => void,
): Promise<MeasuredStack> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-orchestration-'));
  const ports = { LECTERN_PORT: '0', LECTERN_TEMPORAL_PORT: '0', LECTERN_TEMPORAL_UI_PORT: '0' };
  const given = { ...environment, ...ports, ...WITHOUT_LIMITS, LECTERN_DATA: folder, LECTERN_LOG: 'warn' };
  const config = parseConfig(given);
  const callFile = join(folder, 'calls.jsonl');
  const running: SupervisedProcess[] = [];
  const stop = async () => {
    for (const process of running.toReversed()) await process.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const apiKey = await ensureFirstApiKey(config);
    const temporal = await provideTemporal(config, note);
    if (temporal.process !== undefined) running.push(temporal.process);
    const port = await takePort('127.0.0.1', 0, 'LECTERN_PORT');
    const env = { ...given, LECTERN_PORT: String(port), TEMPORAL_ADDRESS: temporal.address };
    const start = (name: 'api' | 'worker', ...args: string[]) => {
      const logFile = join(folder, `${name}.log`);
      running.push(supervise({ name, command: process.execPath, args, env: { ...frugalMalloc(name), ...env }, logFile }));
      return running.at(-1)!;
    };
    const startedAt = Date.now();
    const apiUrl = `http://127.0.0.1:${port}`;
    const api = start('api', join(ROOT, 'api/main.ts'));
    const worker = start('worker', fileURLToPath(new URL('./measured-worker.ts', import.meta.url)), models, callFile);
    await untilHealthy(api, async () => void (await fetch(`${apiUrl}/health/live`)), HEALTHY_WITHIN_MS);
    await untilHealthy(worker, () => checkWorkers(temporal.address, config.TEMPORAL_NAMESPACE, startedAt), HEALTHY_WITHIN_MS);
    const connection = await Connection.connect({ address: temporal.address });
    const client = new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });
    const ofApi = createApiClient({ url: apiUrl, apiKey, signal: new AbortController().signal });
    return {
      config,
      apiUrl,
      apiKey,
      api: ofApi,
      async upload(file) {
        const body = await openUploadBody(file, { title: 'Measurement' }, () => undefined);
        const { lectureId } = await ofApi.ingest(body, randomUUID());
        return { lectureId, run: client.workflow.getHandle(ingestWorkflowId(TENANT, lectureId)) };
      },
      calls: () => readCalls(callFile),
      async processorMs() {
        const used = running.map(async ({ name, pid }) => [name, await readProcessorMs(pid)] as const);
        return Object.fromEntries(await Promise.all(used));
      },
      async stop() {
        await connection.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
