import type { Context, MiddlewareHandler } from 'hono';
import { LecternError } from '../contracts/errors.ts';
import { PAGE_HEADER } from '../contracts/session.ts';
import type { ApiEnvironment } from './context.ts';
import type { ApiDeps } from './dependencies.ts';
import { getSessionCookie } from './session-cookie.ts';

/** Lets only bearers of a valid API key pass, or browsers signed in with one, and says whose request it is. */
export function createAuthentication(keys: ApiDeps['apiKeys'], sessions: ApiDeps['sessions']): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const key = readBearer(c) ?? (await readSession(c, sessions));
    const found = key === undefined ? undefined : await keys.authenticate(key);
    if (found === undefined) {
      // One answer for every way to be wrong.
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

function readBearer(c: Context): string | undefined {
  return /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

const CHANGES_NOTHING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A cookie goes along by itself, whoever made the browser ask: what changes something must say that our page asks. */
async function readSession(c: Context, sessions: ApiDeps['sessions']): Promise<string | undefined> {
  const token = getSessionCookie(c);
  if (token === undefined) return undefined;
  if (!CHANGES_NOTHING.has(c.req.method) && c.req.header(PAGE_HEADER) === undefined) {
    throw new LecternError('forbidden', `a request with a session that changes something needs the header ${PAGE_HEADER}`, {
      cure: 'Send the header, or an API key instead of the session.',
    });
  }
  return sessions.resume(token);
}
