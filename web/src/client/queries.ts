import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import type { Job, JobPage, LecturePage, LectureView, TranscriptViewSchema } from '../../../contracts/api.ts';
import type { RevisionDiff, RevisionList } from '../../../contracts/edits.ts';
import type { SessionView } from '../../../contracts/session.ts';
import { getJson } from './request.ts';

export type TranscriptView = z.infer<typeof TranscriptViewSchema>;

/** While something runs, the page looks again that often; else only when the window comes back. */
const LIVE_MS = 2_000;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => getJson<SessionView>('/api/v1/me', signal),
  staleTime: 60_000,
});

export interface LectureFilters {
  course?: string | undefined;
  semester?: string | undefined;
}

export function lecturesQuery(filters: LectureFilters) {
  return infiniteQueryOptions({
    queryKey: ['lectures', filters],
    queryFn: ({ signal, pageParam }) => getJson<LecturePage>(`/api/v1/lectures?${toSearch({ ...filters, cursor: pageParam })}`, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ lectures }) => lectures.some((lecture) => lecture.state === 'processing')) ? LIVE_MS : false,
  });
}

export function lectureQuery(lectureId: string) {
  return queryOptions({
    queryKey: ['lecture', lectureId],
    queryFn: ({ signal }) => getJson<LectureView>(`/api/v1/lectures/${lectureId}`, signal),
    refetchInterval: ({ state }) => (state.data?.state === 'processing' ? LIVE_MS : false),
  });
}

/** `updatedAt` of the lecture in the key: a new transcript is another one. */
export function transcriptQuery(lectureId: string, updatedAt: string) {
  return queryOptions({
    queryKey: ['transcript', lectureId, updatedAt],
    queryFn: ({ signal }) => getJson<TranscriptView>(`/api/v1/lectures/${lectureId}/transcript`, signal),
    staleTime: Number.POSITIVE_INFINITY,
    // While an edited one comes, the one before stays: the reader keeps the place.
    placeholderData: keepPreviousData,
  });
}

export function revisionsQuery(lectureId: string) {
  return queryOptions({
    queryKey: ['revisions', lectureId],
    queryFn: ({ signal }) => getJson<RevisionList>(`/api/v1/lectures/${lectureId}/revisions`, signal),
    refetchInterval: ({ state }) => (state.data !== undefined && state.data.published !== state.data.head ? LIVE_MS : false),
  });
}

export function revisionDiffQuery(lectureId: string, number: number) {
  return queryOptions({
    queryKey: ['revision-diff', lectureId, number],
    queryFn: ({ signal }) => getJson<RevisionDiff>(`/api/v1/lectures/${lectureId}/revisions/${number}/diff`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const jobsQuery = infiniteQueryOptions({
  queryKey: ['jobs'],
  queryFn: ({ signal, pageParam }) => getJson<JobPage>(`/api/v1/jobs?${toSearch({ cursor: pageParam })}`, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  refetchInterval: LIVE_MS,
});

export function jobQuery(jobId: string) {
  return queryOptions({
    queryKey: ['job', jobId],
    queryFn: ({ signal }) => getJson<Job>(`/api/v1/jobs/${jobId}`, signal),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.state === 'running' ? LIVE_MS : false),
  });
}

function toSearch(values: Record<string, string | undefined>): string {
  return new URLSearchParams(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))).toString();
}
