import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

/** Runs these projects of vitest, only the files that match `filters` where there are any, and prints `N passed, N failed` as the last line. */
export async function runVitest(projects: readonly string[], filters: readonly string[]): Promise<void> {
  const started = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'lectern-tests-'));
  try {
    const reportPath = join(folder, 'report.json');
    const exitCode = await spawnVitest(projects, filters, reportPath);
    const report = JSON.parse(await readFile(reportPath, 'utf8')) as Report;
    // A suite that cannot even be loaded holds no failed test: count it, or a broken import would look green.
    const brokenSuites = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0);
    const failed = report.numFailedTests + brokenSuites.length;
    const unexplained = exitCode !== 0 && failed === 0 ? 1 : 0;
    if (unexplained > 0) console.log(`vitest ended with code ${exitCode} and no failed test: see its output above`);
    const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : '';
    console.log(`all of it took ${Math.round((Date.now() - started) / 1000)} s`);
    console.log(`${report.numPassedTests} passed, ${failed + unexplained} failed${skipped}`);
    process.exitCode = failed + unexplained > 0 ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function spawnVitest(projects: readonly string[], filters: readonly string[], reportPath: string): Promise<number> {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportPath}`,
    ...filters,
  ];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
