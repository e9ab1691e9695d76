import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, type TestContext } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { findPromtool } from '../support/promtool.ts';

const FOLDER = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url));

async function promtool(context: TestContext, ...args: string[]): Promise<string> {
  const found = await findPromtool(parseConfig(process.env).LECTERN_CACHE);
  if ('missing' in found) {
    console.log(found.missing);
    return context.skip(found.missing);
  }
  const { stdout } = await promisify(execFile)(found.path, args, { cwd: FOLDER });
  return stdout;
}

it('alerts fire where they should and nowhere else', async (context) => {
  expect(await promtool(context, 'test', 'rules', 'alerts.test.yml', 'alerts-of-hours.test.yml')).not.toContain('FAILED');
});

it('Prometheus takes the rules', async (context) => {
  expect(await promtool(context, 'check', 'rules', 'alerts.yml')).toMatch(/SUCCESS: \d+ rules found/);
});

it('Prometheus takes its configuration', async (context) => {
  expect(await promtool(context, 'check', 'config', '--syntax-only', 'prometheus.yml')).toContain('SUCCESS');
});
