import { OpenAPIHono } from '@hono/zod-openapi';
import { pino } from 'pino';
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
  addHealthRoutes(app, { dependencyChecks: required, optionalChecks: optional, logger: pino({ level: 'silent' }) });
  const response = await app.request('/health/ready');
  expect(response.status).toBe(status);
  const { dependencies } = (await response.json()) as { dependencies: { name: string; state: string }[] };
  expect(dependencies.map(({ name, state }) => `${name} ${state}`)).toEqual(named);
});

it('tells anybody the names alone, and the log why, once each time that it changes', async () => {
  const lines: { dependency: string; msg: string; err?: { message: string } }[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[0]) });
  let address: string | undefined = '10.0.0.7:9000';
  const objects = async (): Promise<void> => {
    if (address !== undefined) throw new LecternError('unavailable', `${address} refuses the connection`);
  };
  const app = new OpenAPIHono<ApiEnvironment>();
  addHealthRoutes(app, { dependencyChecks: { objects }, optionalChecks: {}, logger });
  const ask = async () => (await app.request('/health/ready')).text();
  expect(await ask()).toBe('{"state":"down","dependencies":[{"name":"objects","state":"down"}]}');
  await ask();
  address = undefined;
  expect(await ask()).toBe('{"state":"up","dependencies":[{"name":"objects","state":"up"}]}');
  expect(lines.map(({ msg, dependency, err }) => [dependency, msg, err?.message])).toEqual([
    ['objects', 'a dependency is down', '10.0.0.7:9000 refuses the connection'],
    ['objects', 'a dependency answers again', undefined],
  ]);
});
