import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { config } from 'zod/mini';
import { meQuery } from './client/queries.ts';
import { ApiProblem } from './client/request.ts';
import { noticeSessionOver } from './client/session-over.ts';
import { createPageRouter } from './router.tsx';
import './styles/page.css';
import './styles/transcript.css';

// zod would try whether it may compile its schemas, which our content security policy forbids.
config({ jitless: true });

const MAX_TRIES = 3;

const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error, { queryKey }) {
      if (queryKey[0] !== meQuery.queryKey[0]) noticeSessionOver(queryClient, error);
    },
  }),
  mutationCache: new MutationCache({ onError: (error) => noticeSessionOver(queryClient, error) }),
  defaultOptions: {
    // What the API refused it refuses again; a server that is away may be back.
    queries: { retry: (failures, error) => failures < MAX_TRIES && !(error instanceof ApiProblem && error.problem.status < 500) },
  },
});

const place = document.querySelector('#page');
if (place === null) throw new Error('index.html has no #page');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={createPageRouter()} />
    </QueryClientProvider>
  </StrictMode>,
);
