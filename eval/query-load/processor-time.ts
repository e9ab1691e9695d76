import { readFile } from 'node:fs/promises';
import { readProcessTree } from '../ingest/process-tree.ts';

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

/** Milliseconds of processor time that `root` and what it started have used so far: other work on the machine does not count. */
export async function readProcessorMs(root: number): Promise<number> {
  const stats = await Promise.all((await readProcessTree(root)).map(({ pid }) => readFile(`/proc/${pid}/stat`, 'utf8')));
  return stats.reduce((sum, text) => {
    // Behind the name in brackets, which may hold spaces: state is the third field, user and system time are the 14th and 15th.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return sum + MS_PER_TICK * (Number(fields[11]) + Number(fields[12]));
  }, 0);
}
