import type { DeadLetter, DeadLetterPage } from '../contracts/dead-letters.ts';
import { LecternError } from '../contracts/errors.ts';

/** A page of failed jobs, the last ended first, with the counts of all. `cursor` is the `nextCursor` of the page before. Errors: `invalid-input`. */
export function toDeadLetterPage(
  letters: readonly DeadLetter[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): DeadLetterPage {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const left = letters.toSorted(inOrder).filter((letter) => after === undefined || inOrder(after, letter) < 0);
  const jobs = left.slice(0, limit);
  const last = jobs.at(-1);
  return {
    total: letters.length,
    byKind: countBy(letters, ({ error }) => error.kind),
    byStage: countBy(letters, ({ error }) => error.stage),
    jobs,
    // A place, not a job: what it names may have left the list before the next page is asked for.
    nextCursor: last === undefined || jobs.length === left.length ? null : writeCursor(last),
  };
}

type Place = Pick<DeadLetter, 'closedAt' | 'jobId'>;

function inOrder(a: Place, b: Place): number {
  return a.closedAt === b.closedAt ? compare(a.jobId, b.jobId) : compare(b.closedAt, a.closedAt);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function writeCursor({ closedAt, jobId }: Place): string {
  return Buffer.from(`${closedAt} ${jobId}`).toString('base64url');
}

function readCursor(cursor: string): Place {
  const [closedAt = '', jobId] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (jobId !== undefined && !Number.isNaN(Date.parse(closedAt))) return { closedAt, jobId };
  throw new LecternError('invalid-input', 'cursor: not one that a page of failed jobs gave', { cure: 'Start again without a cursor.' });
}

function countBy(letters: readonly DeadLetter[], nameOf: (letter: DeadLetter) => string): { name: string; jobs: number }[] {
  const counts = new Map<string, number>();
  for (const letter of letters) counts.set(nameOf(letter), (counts.get(nameOf(letter)) ?? 0) + 1);
  return [...counts].map(([name, jobs]) => ({ name, jobs })).sort((a, b) => b.jobs - a.jobs || compare(a.name, b.name));
}
