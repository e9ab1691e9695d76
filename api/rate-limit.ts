import type { MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { LecternError } from '../contracts/errors.ts';
import type { ApiContext, ApiEnvironment } from './context.ts';

/** What a tenant may ask in a minute; 0 is without limit. */
export interface RateLimits {
  requests: number;
  uploads: number;
  questions: number;
}

const WINDOW_SECONDS = 60;
/** A key has half of what its tenant has: one script gone wild leaves the other half to everybody else. */
const SHARE_OF_KEY = 0.5;

/** Which requests count towards a limit beside `requests`, to which all do. */
const COUNTED = { 'POST /api/v1/ingest': 'uploads', 'POST /api/v1/query': 'questions' } as const;

interface Limit {
  /** As the client reads it in the headers. */
  policy: string;
  quota: number;
  limiter: RateLimiterMemory;
  subjectOf(c: ApiContext): string;
}

/** What is left of a limit to whoever asks. */
interface Standing {
  limit: Limit;
  remaining: number;
  resetSeconds: number;
}

/**
 * Refuses what goes beyond the limits of a tenant or of a key with `rate-limited` and the time to come back; tells the tightest limit with
 * every answer (`RateLimit`, `RateLimit-Policy`). Windows of a minute, from the first request of each. Counted in the memory of this
 * process: with several API processes each counts what comes to it.
 */
export function createRateLimit(limits: RateLimits): MiddlewareHandler<ApiEnvironment> {
  const all = toLimits('requests', limits.requests);
  const special = new Map(Object.entries(COUNTED).map(([route, name]) => [route, toLimits(name, limits[name])]));
  return async (c, next) => {
    const applicable = [...all, ...(special.get(`${c.req.method} ${c.req.path}`) ?? [])];
    const standings = await Promise.all(applicable.map((limit) => consume(limit, limit.subjectOf(c))));
    const tightest = standings.toSorted((a, b) => a.remaining - b.remaining)[0];
    if (tightest !== undefined) tell(c, tightest);
    const refused = standings.filter(({ remaining }) => remaining < 0);
    if (refused.length > 0) throw refusal(refused);
    await next();
  };
}

function toLimits(name: keyof RateLimits, quota: number): Limit[] {
  if (quota === 0) return [];
  const ofKey = Math.max(1, Math.floor(quota * SHARE_OF_KEY));
  return [
    { policy: `${name} of the tenant`, quota, limiter: makeLimiter(quota), subjectOf: (c) => c.get('tenantId') },
    { policy: `${name} of the key`, quota: ofKey, limiter: makeLimiter(ofKey), subjectOf: (c) => c.get('principal').keyId },
  ];
}

function makeLimiter(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
}

/** `remaining` is -1 where nothing was left for this request. */
async function consume(limit: Limit, subject: string): Promise<Standing> {
  const toStanding = (result: RateLimiterRes, remaining: number) => ({
    limit,
    remaining,
    resetSeconds: Math.max(1, Math.ceil(result.msBeforeNext / 1_000)),
  });
  try {
    const result = await limit.limiter.consume(subject);
    return toStanding(result, result.remainingPoints);
  } catch (error) {
    if (error instanceof RateLimiterRes) return toStanding(error, -1);
    throw error;
  }
}

/** Header fields of draft-ietf-httpapi-ratelimit-headers. */
function tell(c: ApiContext, { limit, remaining, resetSeconds }: Standing): void {
  c.header('ratelimit-policy', `"${limit.policy}";q=${limit.quota};w=${WINDOW_SECONDS}`);
  c.header('ratelimit', `"${limit.policy}";r=${Math.max(0, remaining)};t=${resetSeconds}`);
}

function refusal(refused: readonly Standing[]): LecternError {
  const retryAfterSeconds = Math.max(...refused.map(({ resetSeconds }) => resetSeconds));
  const told = refused.map(({ limit }) => `${limit.quota} ${limit.policy}`).join(', ');
  return new LecternError('rate-limited', `more than is allowed in a minute: ${told}`, {
    cure: `Come back in ${retryAfterSeconds} s. The operator sets the limits: LECTERN_REQUESTS_PER_MINUTE, LECTERN_UPLOADS_PER_MINUTE, LECTERN_QUESTIONS_PER_MINUTE.`,
    details: { retryAfterSeconds },
  });
}
