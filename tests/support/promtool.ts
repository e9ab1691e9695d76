import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from '../../cli/embedded/find-on-path.ts';

const run = promisify(execFile);

/** Where Prometheus' own tool is, or why it cannot be had. */
export type Promtool = { path: string } | { missing: string };

/**
 * `promtool` of the path, or of Debian's package `prometheus` (19 MB, seconds), unpacked into the cache: `apt-get download` needs neither
 * root nor an installation.
 */
export async function findPromtool(cacheDir: string): Promise<Promtool> {
  const installed = await findOnPath('promtool', process.env['PATH']);
  if (installed !== undefined) return { path: installed };
  const path = join(cacheDir, 'bin', 'promtool');
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    return { path };
  const folder = await mkdtemp(join(tmpdir(), 'lectern-promtool-'));
  try {
    await run('apt-get', ['download', 'prometheus'], { cwd: folder });
    await run('/bin/sh', ['-c', 'dpkg-deb -x prometheus_*.deb unpacked'], { cwd: folder });
    await mkdir(join(cacheDir, 'bin'), { recursive: true });
    await run('cp', [join(folder, 'unpacked/usr/bin/promtool'), `${path}.${process.pid}`]);
    await rename(`${path}.${process.pid}`, path);
    return { path };
  } catch (error) {
    return { missing: `promtool is not on the path, and Debian's package could not be fetched: ${(error as Error).message}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
