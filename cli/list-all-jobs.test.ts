import { expect, it } from 'vitest';
import type { JobSummary } from '../contracts/api.ts';
import { listAllJobs } from './list-all-jobs.ts';

it('reads page after page, beyond the largest that the API gives', async () => {
  const all: JobSummary[] = Array.from({ length: 450 }, (_, at) => ({
    jobId: `lec_${String(at).padStart(24, '0')}.00000000-0000-0000-0000-000000000000`,
    lectureId: `lec_${String(at).padStart(24, '0')}`,
    state: 'completed',
    startedAt: '2026-11-20T10:00:00.000Z',
  }));
  const listJobs = async ({ limit = 50, cursor = '0' }: { limit?: number; cursor?: string | undefined }) => {
    const from = Number(cursor);
    const jobs = all.slice(from, from + Math.min(limit, 200));
    return { jobs, nextCursor: from + jobs.length < all.length ? String(from + jobs.length) : null };
  };
  const seen: JobSummary[] = [];
  for await (const job of listAllJobs({ listJobs })) seen.push(job);
  expect(seen).toEqual(all);
});
