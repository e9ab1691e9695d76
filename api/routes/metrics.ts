import { createRoute, z } from '@hono/zod-openapi';
import type { ApiDeps } from '../dependencies.ts';
import { METRICS_CONTENT_TYPE, toMetricsText } from '../../observability/metrics-text.ts';
import type { ApiApp } from '../openapi.ts';

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Requests, jobs, caches, query durations and language models, as Prometheus reads them; of all tenants together',
  responses: { 200: { description: 'Text format 0.0.4', content: { 'text/plain': { schema: z.string() } } } },
});

export function addMetricsRoute(app: ApiApp, { metricSources }: Pick<ApiDeps, 'metricSources'>): void {
  app.openapi(metrics, async (c) => {
    const told = await Promise.all(metricSources.map(async (source) => source()));
    const text = toMetricsText(told.flat());
    return c.text(text, 200, { 'content-type': METRICS_CONTENT_TYPE });
  });
}
