import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { ApiEnvironment } from './context.ts';

// Whoever ends TLS in front of this decides about strict transport for its whole host.
const COMMON = { referrerPolicy: 'no-referrer', strictTransportSecurity: false } as const;

/** What tenants have uploaded or said is answered behind `/api/`: should a browser show it as a page, it may do nothing. */
const ofAnswers = secureHeaders({
  ...COMMON,
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
});

/** The page's own code, pictures and styles, and its own API: nothing inline, nothing from elsewhere. */
const ofPage = secureHeaders({
  ...COMMON,
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    mediaSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
});

export const securityHeaders: MiddlewareHandler<ApiEnvironment> = (c, next) =>
  c.req.path.startsWith('/api/') ? ofAnswers(c, next) : ofPage(c, next);
