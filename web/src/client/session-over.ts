import type { QueryClient } from '@tanstack/react-query';
import { meQuery } from './queries.ts';
import { ApiProblem } from './request.ts';

/** Where a request was refused because the session is over, the shell asks who is signed in, hears that nobody is, and offers to sign in. */
export function noticeSessionOver(queryClient: QueryClient, error: unknown): void {
  if (!(error instanceof ApiProblem) || error.problem.kind !== 'unauthorized') return;
  const wasSignedIn = queryClient.getQueryData(meQuery.queryKey) !== undefined;
  if (wasSignedIn) void queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
}
