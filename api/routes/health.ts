import { createRoute } from '@hono/zod-openapi';
import { LivenessSchema, ReadinessSchema } from '../../contracts/api.ts';
import { toLecternError } from '../../contracts/errors.ts';
import type { ApiDeps } from '../dependencies.ts';
import { jsonOf, type ApiApp } from '../openapi.ts';

/** A dependency that has not answered by then is down: probes of orchestrators give up after some seconds too. */
const CHECK_MS = 3_000;

const live = createRoute({
  method: 'get',
  path: '/health/live',
  summary: 'The process answers',
  responses: { 200: { description: 'It is alive', content: jsonOf(LivenessSchema) } },
});

const ready = createRoute({
  method: 'get',
  path: '/health/ready',
  summary: 'Each dependency by name',
  responses: {
    200: { description: 'All dependencies answer that nothing works without', content: jsonOf(ReadinessSchema) },
    503: { description: 'One is down', content: jsonOf(ReadinessSchema) },
  },
});

/** Adds the probes. What is optional is told by name, and takes nothing out of service. */
export function addHealthRoutes(
  app: ApiApp,
  { dependencyChecks, optionalChecks }: Pick<ApiDeps, 'dependencyChecks' | 'optionalChecks'>,
): void {
  app.openapi(live, (c) => c.json({ state: 'up' as const }, 200));
  app.openapi(ready, async (c) => {
    const runAll = (checks: ApiDeps['dependencyChecks']) =>
      Promise.all(Object.entries(checks).map(async ([name, check]) => runCheck(name, check)));
    const [required, optional] = await Promise.all([runAll(dependencyChecks), runAll(optionalChecks)]);
    const isUp = required.every(({ state }) => state === 'up');
    return c.json({ state: isUp ? ('up' as const) : ('down' as const), dependencies: [...required, ...optional] }, isUp ? 200 : 503);
  });
}

async function runCheck(name: string, check: () => Promise<void>): Promise<{ name: string; state: 'up' | 'down'; message?: string }> {
  const late = AbortSignal.timeout(CHECK_MS);
  try {
    await Promise.race([
      check(),
      new Promise<never>((_, reject) => {
        late.addEventListener('abort', () => reject(late.reason), { once: true });
      }),
    ]);
    return { name, state: 'up' };
  } catch (error) {
    const ours = toLecternError(error);
    // Anybody may ask for the health: a foreign library's message stays inside.
    return { name, state: 'down', message: ours.kind === 'internal' ? 'it does not answer' : ours.message };
  }
}
