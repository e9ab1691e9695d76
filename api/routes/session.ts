import { createRoute } from '@hono/zod-openapi';
import { LecternError } from '../../contracts/errors.ts';
import { SessionViewSchema, SignInSchema, type SessionView } from '../../contracts/session.ts';
import type { ApiDeps } from '../dependencies.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { clearSessionCookie, getSessionCookie, setSessionCookie } from '../session-cookie.ts';
import { smallBody } from '../small-body.ts';

const signIn = createRoute({
  method: 'post',
  path: '/session',
  summary: 'Sign a browser in with an API key: the answer sets a cookie that no script can read',
  request: { body: { required: true, content: jsonOf(SignInSchema) } },
  responses: { 200: { description: 'Who is signed in', content: jsonOf(SessionViewSchema) }, ...problems(400, 401, 413, 415, 503) },
  middleware: [smallBody] as const,
});

const signOut = createRoute({
  method: 'delete',
  path: '/session',
  summary: 'Sign the browser out',
  responses: { 204: { description: 'The session is over' }, ...problems(503) },
});

const whoAmI = createRoute({
  method: 'get',
  path: '/api/v1/me',
  summary: 'Whose key or session this is, and what it may do',
  security: needs('read'),
  responses: { 200: { description: 'The bearer', content: jsonOf(SessionViewSchema) }, ...problems(401, 403, 503) },
});

type SessionDeps = Pick<ApiDeps, 'apiKeys' | 'sessions'>;

/** `/session` lies outside `/api/`: one has no key or session yet. Nothing of other sites can use it, as its body is JSON. */
export function addSessionRoutes(app: ApiApp, { apiKeys, sessions }: SessionDeps): void {
  app.openapi(signIn, async (c) => {
    const { apiKey } = c.req.valid('json');
    const found = await apiKeys.authenticate(apiKey);
    if (found === undefined) {
      throw new LecternError('unauthorized', 'this API key is not valid', {
        cure: 'Copy it whole, from `lk_` on; an operator makes a new one with `lectern keys create`.',
      });
    }
    const { token, endsAt } = await sessions.open(apiKey);
    setSessionCookie(c, token, endsAt);
    return c.json(toView(found), 200);
  });
  app.openapi(signOut, async (c) => {
    const token = getSessionCookie(c);
    if (token !== undefined) await sessions.close(token);
    clearSessionCookie(c);
    return c.body(null, 204);
  });
  app.openapi(whoAmI, (c) => c.json(toView({ tenantId: c.get('tenantId'), principal: c.get('principal') }), 200));
}

function toView({ tenantId, principal }: NonNullable<Awaited<ReturnType<ApiDeps['apiKeys']['authenticate']>>>): SessionView {
  const { keyId, name, role, scopes } = principal;
  return { tenantId, keyId, name, role, scopes: [...scopes] };
}
