import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { LecternError, toLecternError } from '../contracts/errors.ts';
import { createAuthentication } from './authenticate.ts';
import { createAuthorization } from './authorize.ts';
import type { ApiEnvironment } from './context.ts';
import type { ApiDeps } from './dependencies.ts';
import { observeRequests } from './observe-requests.ts';
import { OPENAPI_INFO, type ApiApp } from './openapi.ts';
import { addPage } from './page.ts';
import { toProblemResponse } from './problem.ts';
import { createRateLimit } from './rate-limit.ts';
import { createRequestMetrics } from './request-metrics.ts';
import { addCodecRoutes, allowCodecOrigins } from './routes/codec.ts';
import { addEditRoutes } from './routes/edits.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addIngestRoute } from './routes/ingest.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addJobRoutes } from './routes/jobs.ts';
import { addLectureRoutes } from './routes/lectures.ts';
import { addMediaRoute } from './routes/media.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addQueryRoute } from './routes/query.ts';
import { addReindexRoutes } from './routes/reindexes.ts';
import { addRetryRoutes } from './routes/retries.ts';
import { addScheduleRoutes } from './routes/schedules.ts';
import { addSessionRoutes } from './routes/session.ts';
import { addSettingsRoutes } from './routes/settings.ts';
import { addSpeakerRoutes } from './routes/speakers.ts';
import { addTenantRoutes } from './routes/tenant.ts';
import { addTranscriptRoute } from './routes/transcript.ts';
import { addVoiceprintRoutes } from './routes/voiceprints.ts';
import { securityHeaders } from './security-headers.ts';
import { refuseInvalid } from './validation.ts';

/**
 * The HTTP API as a Hono app: `createApp(deps).fetch(request)`. Behind `/api/` every request belongs to the tenant of its
 * key; a foreign tenant's ids are as unknown there as ids that never were.
 */
export function createApp(deps: ApiDeps): ApiApp {
  const app: ApiApp = new OpenAPIHono<ApiEnvironment>({ defaultHook: refuseInvalid });
  const requestMetrics = createRequestMetrics();
  app.use(observeRequests(deps.logger, requestMetrics));
  app.use(securityHeaders);
  app.onError((error, c) => {
    const ours = error instanceof HTTPException ? fromHttpException(error) : toLecternError(error);
    c.get('log')[ours.kind === 'internal' ? 'error' : 'debug'](
      { err: ours.kind === 'internal' ? error : undefined, kind: ours.kind },
      ours.message,
    );
    return toProblemResponse(ours, c.get('requestId'));
  });
  app.notFound((c) => {
    const unknown = new LecternError('not-found', `there is no ${c.req.method} ${c.req.path}`, { cure: 'See `/openapi.json`.' });
    return toProblemResponse(unknown, c.get('requestId'));
  });
  app.use(
    '/api/*',
    createAuthentication(deps.apiKeys, deps.sessions),
    createRateLimit(deps.rateLimits),
    createAuthorization(app, deps.erasures),
  );

  if (deps.codecEndpoint !== undefined) {
    allowCodecOrigins(app, deps.codecEndpoint);
    for (const path of ['/codec/decode', '/codec/encode'])
      app.use(path, createAuthentication(deps.apiKeys, deps.sessions), createAuthorization(app, deps.erasures));
    addCodecRoutes(app, deps.codecEndpoint);
  }

  addHealthRoutes(app, deps);
  addSessionRoutes(app, deps);
  addMetricsRoute(app, { metricSources: [requestMetrics.metrics, ...deps.metricSources] });
  addIngestRoute(app, { ...deps, countUpload: (bytes) => requestMetrics.countUpload(bytes) });
  // Before the jobs, whose ids would match `failed` too.
  addRetryRoutes(app, deps);
  addJobRoutes(app, deps.jobs);
  addLectureRoutes(app, deps);
  addTranscriptRoute(app, deps);
  addEditRoutes(app, deps);
  addSpeakerRoutes(app, deps);
  addVoiceprintRoutes(app, deps);
  addSettingsRoutes(app, deps);
  addScheduleRoutes(app, deps);
  addReindexRoutes(app, deps);
  addKeyRoutes(app, deps);
  addTenantRoutes(app, deps);
  addMediaRoute(app, deps);
  addQueryRoute(app, deps);

  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer', bearerFormat: 'lk_...' });
  app.doc31('/openapi.json', OPENAPI_INFO);
  if (deps.pageFolder !== undefined) addPage(app, deps.pageFolder);
  return app;
}

/** Hono's own refusals: malformed JSON, a body of another media type. */
function fromHttpException(error: HTTPException): LecternError {
  if (error.status === 415) {
    return new LecternError('unsupported-media', 'the body has another content type than this route takes', {
      cure: 'See `/openapi.json`.',
    });
  }
  return error.status < 500 ? new LecternError('invalid-input', error.message || 'the request cannot be read') : toLecternError(error);
}
