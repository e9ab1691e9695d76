import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnvironment } from './context.ts';
import type { ApiApp } from './openapi.ts';

/** Where `web/build.ts` puts the page; `undefined` where it has not been built. */
export async function findPage(): Promise<string | undefined> {
  const folder = fileURLToPath(new URL('../web/dist', import.meta.url));
  return access(join(folder, 'index.html')).then(
    () => folder,
    () => undefined,
  );
}

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
