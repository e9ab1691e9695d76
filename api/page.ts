import { serveStatic } from '@hono/node-server/serve-static';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnvironment } from './context.ts';
import type { ApiApp } from './openapi.ts';

/** Serves the built page from `folder`. Every address that is no file and not the API's is a view of the page: its router knows it. */
export function addPage(app: ApiApp, folder: string): void {
  // Files of the build are named by their contents.
  app.get('/assets/*', keepFor('public, max-age=31536000, immutable'), serveStatic({ root: folder }));
  app.get('*', viewsOnly, keepFor('no-cache'), serveStatic({ root: folder, path: 'index.html' }));
}

const viewsOnly: MiddlewareHandler<ApiEnvironment> = (c, next) => {
  const isView = !c.req.path.startsWith('/api/') && (c.req.header('accept') ?? '').includes('text/html');
  return isView ? next() : Promise.resolve(c.notFound());
};

function keepFor(cacheControl: string): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    await next();
    c.header('cache-control', c.res.ok ? cacheControl : 'no-store');
  };
}
