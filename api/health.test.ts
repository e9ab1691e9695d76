import { OpenAPIHono } from '@hono/zod-openapi';
import { expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import type { ApiEnvironment } from './context.ts';
import { addHealthRoutes } from './routes/health.ts';

const fine = async (): Promise<void> => undefined;
const down = async (): Promise<never> => {
  throw new LecternError('unavailable', 'it is away');
};

it.each([
  ['all are up', { objects: fine }, { ollama: fine }, 200, ['objects up', 'ollama up']],
  ['one is down that nothing works without', { objects: down }, { ollama: fine }, 503, ['objects down', 'ollama up']],
  ['one is down that is made do without', { objects: fine }, { ollama: down }, 200, ['objects up', 'ollama down']],
])('names each dependency: %s', async (_, required, optional, status, named) => {
  const app = new OpenAPIHono<ApiEnvironment>();
  addHealthRoutes(app, { dependencyChecks: required, optionalChecks: optional });
  const response = await app.request('/health/ready');
  expect(response.status).toBe(status);
  const { dependencies } = (await response.json()) as { dependencies: { name: string; state: string }[] };
  expect(dependencies.map(({ name, state }) => `${name} ${state}`)).toEqual(named);
});
