import { randomBytes, randomUUID } from 'node:crypto';
import { context, isSpanContextValid, propagation, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Logger } from 'pino';
import { JobIdSchema, LectureIdSchema } from '../contracts/identity.ts';
import { withLogFields } from '../observability/log-context.ts';
import { readTraceId } from '../observability/trace-parent.ts';
import type { ApiContext, ApiEnvironment } from './context.ts';
import type { RequestMetrics } from './request-metrics.ts';

/** What probes and scrapers ask every few seconds is neither logged nor traced. */
const PROBED = /^\/(health|metrics)(\/|$)/;

/**
 * Gives each request an id and a trace id (that of its `traceparent`, where it has one), under which it is found in the log, in the
 * traces, and in the runs that it starts; counts it; and writes one line on it. Neither says more than the route's pattern, for a path
 * may hold what somebody typed, and query strings, headers and bodies may hold secrets and speech.
 */
export function observeRequests(logger: Logger, metrics: RequestMetrics): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const started = performance.now();
    const requestId = randomUUID();
    c.set('requestId', requestId);
    c.set('log', logger);
    const isProbe = PROBED.test(c.req.path);
    const incoming = propagation.extract(context.active(), c.req.header());
    const span = isProbe ? undefined : trace.getTracer('lectern-api').startSpan(c.req.method, { kind: SpanKind.SERVER }, incoming);
    const traceId = toTraceId(span, c.req.header('traceparent'));
    const leave = metrics.enter();
    const inside = span === undefined ? incoming : trace.setSpan(incoming, span);
    await context.with(inside, () =>
      withLogFields({ requestId, traceId }, async () => {
        await next();
        c.header('x-request-id', requestId);
        const seconds = (performance.now() - started) / 1_000;
        const told = { method: c.req.method, route: toRoute(c), status: c.res.status };
        leave(told, seconds);
        c.get('log')[isProbe ? 'debug' : 'info']({ ...told, ...toIds(c), seconds: Math.round(seconds * 1e4) / 1e4 }, 'request');
        if (span !== undefined) endSpan(span, told);
      }),
    );
  };
}

/** Without an exporter there are no spans, but still an id that binds log lines together. */
function toTraceId(span: Span | undefined, traceParent: string | undefined): string {
  const spanContext = span?.spanContext();
  if (spanContext !== undefined && isSpanContextValid(spanContext)) return spanContext.traceId;
  return readTraceId(traceParent) ?? randomBytes(16).toString('hex');
}

/** The pattern of the route that answered, the first of those that match; one word for all that none did, the page's among them. */
function toRoute(c: ApiContext): string {
  const path = matchedRoutes(c).find(({ method }) => method !== 'ALL')?.path;
  return path === undefined || (path === '/*' && c.res.status === 404) ? 'unmatched' : path;
}

/** Ids of our own making, which lead to the lecture; whatever else stands in their place stays out. */
function toIds(c: ApiContext): { lectureId?: string; jobId?: string } {
  const { lectureId, jobId } = c.req.param() as Record<string, string | undefined>;
  return {
    ...(LectureIdSchema.safeParse(lectureId).success && { lectureId }),
    ...(JobIdSchema.safeParse(jobId).success && { jobId }),
  } as { lectureId?: string; jobId?: string };
}

function endSpan(span: Span, { method, route, status }: { method: string; route: string; status: number }): void {
  span.updateName(`${method} ${route}`);
  span.setAttributes({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': status });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
