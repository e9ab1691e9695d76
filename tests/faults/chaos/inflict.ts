import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultStack } from '../fault-stack.ts';
import type { FaultyLink } from '../../support/toxiproxy.ts';
import type { ChaosPlan, FaultKind, PlannedFault } from './plan.ts';

/** Nothing stays down longer, so that no stage runs out of attempts for want of a process. */
const LONGEST_DEATH_MS = 4_000;

/** Does to the stack what the plan says, one fault beside another where they overlap; returns how many processes it killed. */
export async function inflictFaults(stack: FaultStack, plan: ChaosPlan, report: (line: string) => void): Promise<number> {
  const startedMs = performance.now();
  const kills = plan.faults.map(async (fault) => {
    await sleep(Math.max(0, fault.atMs - (performance.now() - startedMs)));
    const killed = await inflict(stack, fault);
    report(`${(fault.atMs / 1000).toFixed(1)} s: ${describe(fault)}${killed === null ? ', not done: it is down already' : ''}`);
    return killed === true ? 1 : 0;
  });
  const counts: number[] = await Promise.all(kills);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** True: killed something; false: hurt a link; `null`: an earlier fault of the same kind is still on. */
async function inflict(stack: FaultStack, fault: PlannedFault): Promise<boolean | null> {
  const deadMs = Math.min(fault.lastsMs, LONGEST_DEATH_MS);
  switch (fault.kind) {
    case 'kill-worker':
    case 'kill-api': {
      const victim = fault.kind === 'kill-api' ? stack.api : stack.workers[fault.worker]!;
      if (victim.isDown) return null;
      await victim.kill();
      await sleep(deadMs);
      victim.revive();
      return true;
    }
    case 'kill-temporal':
      return alone('temporal', async () => {
        await stack.temporal.kill();
        await sleep(deadMs);
        await stack.temporal.revive();
        return true;
      });
    default:
      return hurt(stack, fault);
  }
}

async function hurt(stack: FaultStack, { kind, lastsMs, latencyMs }: PlannedFault): Promise<boolean | null> {
  const link = linkOf(stack, kind);
  return alone(link, async () => {
    await (kind === 'cut-index' || kind === 'cut-objects' ? link.cut() : link.slow(latencyMs));
    await sleep(lastsMs);
    await link.heal();
    return false;
  });
}

function linkOf({ links }: FaultStack, kind: FaultKind): FaultyLink {
  if (kind !== 'cut-index' && kind !== 'slow-index') return links.objects;
  if (links.index === undefined) throw new Error('an index in a file has no link to hurt');
  return links.index;
}

const atWork = new Set<unknown>();

/** One fault at a time of one thing. */
async function alone<T>(thing: unknown, work: () => Promise<T>): Promise<T | null> {
  if (atWork.has(thing)) return null;
  atWork.add(thing);
  try {
    return await work();
  } finally {
    atWork.delete(thing);
  }
}

function describe({ kind, worker, lastsMs, latencyMs }: PlannedFault): string {
  if (kind === 'kill-worker') return `killed worker ${worker + 1}`;
  if (kind === 'kill-api') return 'killed the API';
  if (kind === 'kill-temporal') return 'killed Temporal';
  const what = kind.endsWith('index') ? 'the index' : 'the object store';
  const seconds = `${(lastsMs / 1000).toFixed(1)} s`;
  return kind.startsWith('cut') ? `cut ${what} for ${seconds}` : `slowed ${what} by ${latencyMs} ms for ${seconds}`;
}
