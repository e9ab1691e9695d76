/**
 * `npm test`: sets up what the tests need (models, Temporal, MinIO, ffmpeg), each step saying what it does and how long it took,
 * then runs every test. The last line is `N passed, N failed`; the exit code is 0 only when nothing failed.
 * `npm test -- tests/storage` runs the files that match; `LECTERN_CACHE` says where the set-up is kept.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { prepareTestMachine } from './support/prepare-machine.ts';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  testResults: { name: string; status: string; message: string; assertionResults: { status: string; fullName: string; title: string }[] }[];
}

async function runVitest(filters: string[], reportPath: string): Promise<number> {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
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

async function main(): Promise<void> {
  const started = Date.now();
  await prepareTestMachine(process.env, (line) => console.log(line));
  const folder = await mkdtemp(join(tmpdir(), 'lectern-tests-'));
  try {
    const reportPath = join(folder, 'report.json');
    const exitCode = await runVitest(process.argv.slice(2), reportPath);
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

await main();
