import { randomUUID } from 'node:crypto';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../../cli/embedded/find-on-path.ts';
import { takePort } from '../../cli/embedded/free-port.ts';
import { buildWithGo } from '../../cli/embedded/go-install.ts';
import { supervise } from '../../cli/embedded/supervised-process.ts';
import { timedStep } from '../../cli/embedded/timed-step.ts';
import { untilHealthy } from '../../cli/embedded/until-healthy.ts';
import { parseConfig } from '../../contracts/config.ts';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { MinioOptions } from '../../storage/minio-object-store.ts';

export interface TestMinio extends MinioOptions {
  stop(): Promise<void>;
}

const MODULE = 'github.com/minio/minio@latest';
const READY_TIMEOUT_MS = 30_000;

/** A real MinIO with a bucket of the caller's own: the server at `MINIO_URL`, else one started here on a free port, its data thrown away. */
export async function startTestMinio(): Promise<TestMinio> {
  const config = parseConfig(process.env);
  const bucket = `test-${randomUUID().slice(0, 13)}`;
  if (config.MINIO_URL !== undefined) {
    const { MINIO_URL: url, MINIO_ACCESS_KEY: accessKey = '', MINIO_SECRET_KEY: secretKey = '' } = config;
    return { url, accessKey, secretKey, bucket, stop: () => Promise.resolve() };
  }
  const binary = await findMinioBinary(config.LECTERN_CACHE, (line) => process.stderr.write(`${line}\n`));
  return startMinio(binary, bucket);
}

/** On the path; built before; built now with the Go tools. Errors: `unavailable`, with what to install. */
export async function findMinioBinary(cacheDir: string, report: (line: string) => void): Promise<string> {
  const onPath = await findOnPath('minio', process.env['PATH']);
  if (onPath !== undefined) return onPath;
  const cached = join(cacheDir, 'bin', 'minio');
  if (await isThere(cached)) return cached;
  try {
    await timedStep(report, 'MinIO: building it with `go install` (once, 4 to 11 minutes on two cores)', () => buildWithGo(MODULE, cached));
  } catch (error) {
    throw new LecternError('unavailable', `there is no MinIO server to test against: ${toLecternError(error).message}`, {
      cure: 'Install Go 1.24 or newer, put `minio` on the path, or set MINIO_URL, MINIO_ACCESS_KEY and MINIO_SECRET_KEY.',
      cause: error,
    });
  }
  return cached;
}

async function startMinio(binary: string, bucket: string): Promise<TestMinio> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-test-minio-'));
  const port = await takePort('127.0.0.1', 0, 'MINIO_URL');
  const url = `http://127.0.0.1:${port}`;
  const [accessKey, secretKey] = ['lectern-tests', randomUUID()];
  const server = supervise({
    name: 'MinIO',
    command: binary,
    args: ['server', join(folder, 'data'), '--address', `127.0.0.1:${port}`, '--quiet'],
    env: { ...process.env, MINIO_ROOT_USER: accessKey, MINIO_ROOT_PASSWORD: secretKey, MINIO_UPDATE: 'off', MINIO_BROWSER: 'off' },
    logFile: join(folder, 'minio.log'),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilHealthy(server, () => askReady(url), READY_TIMEOUT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, accessKey, secretKey, bucket, stop };
}

async function askReady(url: string): Promise<void> {
  const { ok, status } = await fetch(`${url}/minio/health/ready`);
  if (!ok) throw new Error(`MinIO answers ${status}`);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
