import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

const NAME = 'lectern_session';

/** No script reads it, no other site's page sends it, and over TLS it never travels without. */
export function setSessionCookie(c: Context, token: string, endsAt: Date): void {
  setCookie(c, NAME, token, { path: '/', httpOnly: true, sameSite: 'Strict', secure: isOverTls(c), expires: endsAt });
}

export function getSessionCookie(c: Context): string | undefined {
  return getCookie(c, NAME);
}

export function clearSessionCookie(c: Context): void {
  deleteCookie(c, NAME, { path: '/', secure: isOverTls(c) });
}

/** Whoever ends TLS in front of this says so; a forged header only keeps the forger's own cookie from plain connections. */
function isOverTls(c: Context): boolean {
  return c.req.header('x-forwarded-proto') === 'https' || new URL(c.req.url).protocol === 'https:';
}
