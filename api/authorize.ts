import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { LecternError } from '../contracts/errors.ts';
import { describeRolesWith, ScopeSchema, type Role, type Scope } from '../contracts/roles.ts';
import type { ApiEnvironment } from './context.ts';
import type { ApiDeps } from './dependencies.ts';
import type { ApiApp } from './openapi.ts';
import { refuseErased } from './refuse-erased.ts';

/**
 * Lets only keys pass whose scopes hold the one that the route declares. Behind authentication: it says nothing about ids, so a
 * foreign tenant learns nothing from it. A route that declares nothing is for admins. Of a tenant that is being erased nothing is
 * changed any more.
 */
export function createAuthorization(app: ApiApp, erasures: ApiDeps['erasures']): MiddlewareHandler<ApiEnvironment> {
  let declared: ReadonlyMap<string, Scope> | undefined;
  return async (c, next) => {
    // At the first request: by then every route has been added.
    declared ??= readScopes(app);
    const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
    if (route !== undefined) {
      const scope = declared.get(`${route.method} ${route.path}`) ?? 'administer';
      if (!c.get('principal').scopes.includes(scope)) throw forbidden(scope, c.get('principal').role);
      if (c.req.method !== 'GET' && scope !== 'read') await refuseErased(erasures, c.get('tenantId'), Date.now());
    }
    await next();
  };
}

function forbidden(scope: Scope, role: Role): LecternError {
  const needed = `a key of the role ${describeRolesWith(scope)} with the scope ${scope}`;
  return new LecternError('forbidden', `this needs ${needed}; this one is of the role ${role}`, {
    cure: 'Ask an admin of the tenant for another key; `lectern keys create --role` makes it.',
  });
}

/** Scopes by method and path as Hono writes it, out of what the routes say in the OpenAPI document. */
function readScopes(app: ApiApp): Map<string, Scope> {
  const scopes = new Map<string, Scope>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { method, path, security } = definition.route;
    const scope = ScopeSchema.safeParse(security?.[0]?.['apiKey']?.[0]);
    if (scope.success) scopes.set(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, scope.data);
  }
  return scopes;
}
