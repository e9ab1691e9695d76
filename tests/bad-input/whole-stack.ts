import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Job } from '../../contracts/api.ts';
import { parseConfig } from '../../contracts/config.ts';
import { createApiClient, type ApiClient } from '../../cli/api-client.ts';
import { startStack } from '../../cli/embedded/stack.ts';
import { openUploadBody } from '../../cli/upload-body.ts';
import { waitForJob } from '../../cli/wait-for-job.ts';
import { openWorkbench, type Workbench } from '../media/recordings.ts';
import { onFreePorts } from '../stack/stack-config.ts';

/** A stack of its own with the default models, and the tools to make recordings for it. */
export interface WholeStack {
  bench: Workbench;
  api: ApiClient;
  apiKey: string;
  /** Uploads a file under a name of the client's and waits for the end of its job. */
  ingest: (path: string, fields?: Record<string, string>) => Promise<Job>;
  fileOf: (name: string, content: string | Buffer) => Promise<string>;
  /** Files below the data folder whose path contains `part`, relative to it. */
  stored: (part: string) => Promise<string[]>;
  /** Log of a process of the stack. */
  log: (process: 'api' | 'worker') => Promise<string>;
  close: () => Promise<void>;
}

export async function openWholeStack(): Promise<WholeStack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lectern-bad-input-'));
  const bench = await openWorkbench();
  const stack = await startStack(onFreePorts(parseConfig(process.env), dataDir), () => undefined);
  const { signal } = new AbortController();
  const api = createApiClient({ url: stack.apiUrl, apiKey: stack.apiKey, signal });
  return {
    bench,
    api,
    apiKey: stack.apiKey,
    async ingest(path, fields = {}) {
      const upload = await openUploadBody(path, fields, () => undefined);
      const { jobId } = await api.ingest(upload, randomUUID());
      return waitForJob(api, jobId, signal, () => undefined);
    },
    async fileOf(name, content) {
      const path = join(bench.folder, name);
      await writeFile(path, content);
      return path;
    },
    async stored(part) {
      const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(dataDir, join(entry.parentPath, entry.name)));
      return paths.filter((path) => path.includes(part));
    },
    log: (process) => readFile(join(dataDir, 'logs', `${process}.log`), 'utf8'),
    async close() {
      await stack.stop();
      await bench.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
