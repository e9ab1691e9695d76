import type { MiddlewareHandler } from 'hono';
import { LecternError } from '../contracts/errors.ts';
import type { ApiEnvironment } from './context.ts';
import type { ApiDeps } from './dependencies.ts';

/** Lets only bearers of a valid API key pass and says whose request it is. One answer for every way to be wrong. */
export function createAuthentication(keys: ApiDeps['apiKeys']): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const key = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const found = key === undefined ? undefined : await keys.authenticate(key);
    if (found === undefined) {
      throw new LecternError('unauthorized', 'the API key is missing or not valid', {
        cure: 'Send `Authorization: Bearer lk_...`; `lectern keys create` makes a key.',
      });
    }
    c.set('tenantId', found.tenantId);
    c.set('principal', found.principal);
    c.set('log', c.get('log').child({ tenantId: found.tenantId, keyId: found.principal.keyId }));
    await next();
  };
}
