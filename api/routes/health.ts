import { createRoute } from '@hono/zod-openapi';
import { LivenessSchema, ReadinessSchema } from '../../contracts/api.ts';
import { toLecternError, type LecternError } from '../../contracts/errors.ts';
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

/**
 * Adds the probes. What is optional is told by name, and takes nothing out of service. Anybody may ask: why something is down, which may
 * name addresses within, is told to the log alone, once each time that it changes.
 */
export function addHealthRoutes(
  app: ApiApp,
  { dependencyChecks, optionalChecks, logger }: Pick<ApiDeps, 'dependencyChecks' | 'optionalChecks' | 'logger'>,
): void {
  const problems = new Map<string, string>();
  const runCheck = async (name: string, check: () => Promise<void>): Promise<{ name: string; state: 'up' | 'down' }> => {
    const problem = await findProblem(check);
    // Numbers aside: a breaker counts down the seconds to its next try.
    const said = problem?.message.replaceAll(/\d+/g, 'N');
    if (said !== problems.get(name)) {
      if (problem === undefined) logger.info({ dependency: name }, 'a dependency answers again');
      else logger.warn({ dependency: name, err: problem }, 'a dependency is down');
    }
    if (said === undefined) problems.delete(name);
    else problems.set(name, said);
    return { name, state: problem === undefined ? 'up' : 'down' };
  };
  app.openapi(live, (c) => c.json({ state: 'up' as const }, 200));
  app.openapi(ready, async (c) => {
    const runAll = (checks: ApiDeps['dependencyChecks']) =>
      Promise.all(Object.entries(checks).map(async ([name, check]) => runCheck(name, check)));
    const [required, optional] = await Promise.all([runAll(dependencyChecks), runAll(optionalChecks)]);
    const isUp = required.every(({ state }) => state === 'up');
    return c.json({ state: isUp ? ('up' as const) : ('down' as const), dependencies: [...required, ...optional] }, isUp ? 200 : 503);
  });
}

async function findProblem(check: () => Promise<void>): Promise<LecternError | undefined> {
  const late = AbortSignal.timeout(CHECK_MS);
  try {
    await Promise.race([
      check(),
      new Promise<never>((_, reject) => {
        late.addEventListener('abort', () => reject(late.reason), { once: true });
      }),
    ]);
    return undefined;
  } catch (error) {
    return toLecternError(error);
  }
}
