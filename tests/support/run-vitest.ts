import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Projects of vitest that one process runs, a file after the other. */
export type Lane = readonly string[];

/**
 * Runs lanes side by side, only the files that match `filters` where there are any, and prints `N passed, N failed` as the last
 * line. The first lane is seen as it goes; what the others printed comes after it, whole.
 */
export async function runVitest(lanes: readonly Lane[], filters: readonly string[]): Promise<void> {
  const started = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'lectern-tests-'));
  try {
    const counts = await Promise.all(lanes.map((lane, index) => runLane(lane, filters, join(folder, String(index)), index === 0)));
    for (let index = 1; index < lanes.length; index += 1) await print(join(folder, `${index}.log`));
    const sum = (pick: (of: Counts) => number): number => counts.reduce((total, of) => total + pick(of), 0);
    const [failed, skipped] = [sum((of) => of.failed), sum((of) => of.skipped)];
    console.log(`all of it took ${Math.round((Date.now() - started) / 1000)} s`);
    console.log(`${sum((of) => of.passed)} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runLane(lane: Lane, filters: readonly string[], path: string, isSeen: boolean): Promise<Counts> {
  const reportPath = `${path}.json`;
  const exitCode = await spawnVitest(lane, filters, reportPath, isSeen ? undefined : `${path}.log`);
  const report = JSON.parse(await readFile(reportPath, 'utf8')) as Report;
  // A suite that cannot even be loaded holds no failed test: count it, or a broken import would look green.
  const brokenSuites = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0);
  const failed = report.numFailedTests + brokenSuites.length;
  const unexplained = exitCode !== 0 && failed === 0 ? 1 : 0;
  if (unexplained > 0) console.log(`vitest (${lane.join(', ')}) ended with code ${exitCode} and no failed test: see its output`);
  return { passed: report.numPassedTests, failed: failed + unexplained, skipped: report.numPendingTests };
}

async function spawnVitest(lane: Lane, filters: readonly string[], reportPath: string, logPath: string | undefined): Promise<number> {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...lane.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportPath}`,
    // Filters may match files of one lane alone.
    '--passWithNoTests',
    ...filters,
  ];
  const log = logPath === undefined ? undefined : await open(logPath, 'w');
  try {
    const child = spawn(process.execPath, args, { stdio: log === undefined ? 'inherit' : ['ignore', log.fd, log.fd] });
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    await log?.close();
  }
}

async function print(path: string): Promise<void> {
  for await (const chunk of createReadStream(path)) process.stdout.write(chunk as Uint8Array);
}
