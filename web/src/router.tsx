import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod/mini';
import { Shell } from './shell.tsx';
import { NotFound } from './views/not-found.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const optionalText = z.optional(z.catch(z.string(), ''));

export const libraryRoute = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: z.object({ course: optionalText, semester: optionalText }),
  component: lazyRouteComponent(() => import('./views/library.tsx'), 'Library'),
});

export const lectureRoute = createRoute({
  getParentRoute: () => root,
  path: '/lectures/$lectureId',
  /** `t`: the second to begin at, as a shared link says it. */
  validateSearch: z.object({ t: z.optional(z.catch(z.number(), 0)) }),
  component: lazyRouteComponent(() => import('./views/lecture.tsx'), 'LecturePage'),
});

export const askRoute = createRoute({
  getParentRoute: () => root,
  path: '/ask',
  validateSearch: z.object({ question: optionalText, course: optionalText, semester: optionalText }),
  component: lazyRouteComponent(() => import('./views/ask.tsx'), 'Ask'),
});

const jobsRoute = createRoute({
  getParentRoute: () => root,
  path: '/jobs',
  component: lazyRouteComponent(() => import('./views/jobs.tsx'), 'Jobs'),
});

const routeTree = root.addChildren([libraryRoute, lectureRoute, askRoute, jobsRoute]);

export function createPageRouter() {
  return createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPageRouter>;
  }
}
