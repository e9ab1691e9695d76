import { readFile } from 'node:fs/promises';
import { z } from 'zod';

export const ProcessIdentitySchema = z.object({
  pid: z.int(),
  /** When it started, in the kernel's ticks; with it a pid that was given to another program is told apart. `null` outside Linux. */
  startTicks: z.string().nullable(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentitySchema>;

export async function identifyProcess(pid: number): Promise<ProcessIdentity> {
  return { pid, startTicks: await readStartTicks(pid) };
}

/** True when that very process still runs. */
export async function isAlive({ pid, startTicks }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startTicks === null || (await readStartTicks(pid)) === startTicks;
}

async function readStartTicks(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The second field is the program's name in brackets, which may hold anything; the start is the 22nd field.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
