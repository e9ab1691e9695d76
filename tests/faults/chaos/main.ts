/**
 * `npm run chaos -- --seed N --minutes M`: kills workers, API and Temporal and cuts and slows the stores, while 20 lectures are ingested,
 * some deleted, some edited, and both tenants ask; then heals all, waits for the end of every job and checks every invariant. The seed decides all
 * that is done and when; without one it is drawn. Progress goes to standard error, one JSON document to standard output; the exit code
 * is 1 unless nothing was lost, duplicated, mixed or leaked and no more pieces were computed again than processes were killed.
 */
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startFaultStack } from '../fault-stack.ts';
import { checkEnd, untilJobsEnded, untilPublished } from './check-end.ts';
import { countRecomputed } from './count-recomputed.ts';
import { createFindings } from './findings.ts';
import { inflictFaults } from './inflict.ts';
import { loadStack } from './load.ts';
import { planChaos } from './plan.ts';

const WORKERS = 2;
const PIECE_MS = 3_000;
const DEFAULT_MINUTES = 5;
const SEEDS = 1_000_000;
/** Exit code of a program that was told to stop. */
const INTERRUPTED = 130;

const started = performance.now();
const report = (line: string): void => console.error(`[${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s] ${line}`);

function readArguments(): { seed: number; minutes: number } {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' } } });
  const seed = values.seed === undefined ? Math.floor(Math.random() * SEEDS) : Number(values.seed);
  const minutes = Number(values.minutes ?? DEFAULT_MINUTES);
  if (!Number.isInteger(seed) || seed < 0) throw new Error('--seed is a whole number from 0');
  if (!(minutes > 0 && minutes <= 60)) throw new Error('--minutes is a number above 0, at most 60');
  return { seed, minutes };
}

const { seed, minutes } = readArguments();
const plan = planChaos(seed, minutes * 60_000, WORKERS);
report(`seed ${seed}: ${plan.lectures.length} lectures, ${plan.faults.length} faults in ${minutes} min, index ${plan.index}`);
const stack = await startFaultStack({ index: plan.index, workers: WORKERS, pieceMs: PIECE_MS });
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stack.close().finally(() => process.exit(INTERRUPTED)));
try {
  report('the stack is up');
  const findings = createFindings(report);
  let isOver = false;
  const faults = inflictFaults(stack, plan, report).finally(() => (isOver = true));
  const [lectures, kills] = await Promise.all([loadStack(stack, plan, findings, () => isOver), faults]);
  report(`healed after ${kills} kills; ${JSON.stringify(findings.counters)}; waiting for the end of every job`);
  await untilJobsEnded(stack);
  await untilPublished(stack, lectures);
  report('every job has ended and every edit is published; checking');
  await checkEnd(stack, lectures, findings);
  const recomputedPieces = countRecomputed(await stack.inferences());
  const result = { seed, ...findings.totals, kills, recomputedPieces };
  console.log(JSON.stringify(result));
  const isSound = Object.values(findings.totals).every((total) => total === 0) && recomputedPieces <= kills;
  if (!isSound) {
    process.exitCode = 1;
    const kept = await mkdtemp(join(tmpdir(), `lectern-chaos-${seed}-`));
    await cp(stack.logFolder, kept, { recursive: true });
    report(`logs of all processes: ${kept}`);
  }
} finally {
  await stack.close();
}
