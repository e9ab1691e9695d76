import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createApiMetrics } from '../api/api-metrics.ts';
import { createRequestMetrics } from '../api/request-metrics.ts';
import type { RetentionDeps } from '../api/retention.ts';
import { startRetention } from '../api/start-retention.ts';
import type { Metric } from '../contracts/metrics.ts';
import { createLanguageModelChain } from '../inference/llm/language-model-chain.ts';
import { createDiskMetrics } from '../observability/disk-metrics.ts';
import { createStoreMetrics } from '../observability/store-metrics.ts';
import { toCacheMetrics } from '../retrieval/cache/cache-metrics.ts';
import { meterQueries } from '../retrieval/metered-queries.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import { guardIndex } from '../worker/guarded-index.ts';
import { createStageMetrics } from '../worker/stage-metrics.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  labels?: { severity?: string };
  annotations?: { summary?: string; runbook_url?: string };
}
const { groups } = parse(read('deploy/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);

interface Dashboard {
  uid: string;
  panels: { title: string; datasource: { uid: string }; targets: { expr: string }[] }[];
}
const dashboards = readdirSync(join(ROOT, 'deploy/grafana/dashboards')).map((name): [string, Dashboard] => [
  name,
  JSON.parse(read(`deploy/grafana/dashboards/${name}`)) as Dashboard,
]);

const SUFFIXES = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] };

/** What the API tells, samples or none. */
async function readApiFamilies(): Promise<Metric[]> {
  const requests = createRequestMetrics();
  const stores = createStoreMetrics();
  const chain = createLanguageModelChain([], { maxFailures: 1, coolDownMs: 1 });
  const queries = meterQueries({ query: () => Promise.reject(new Error('nobody asks')) });
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:9' }) });
  client.workflow.count = async () => ({ count: 0, groups: [] });
  const listTenants = async () => [];
  const config = { LECTERN_DATA: ROOT, LECTERN_CACHE: ROOT };
  const asked = createApiMetrics(config, { client, lectures: { get: async () => undefined }, listTenants });
  const retention = startRetention({} as RetentionDeps, { logger: pino({ level: 'silent' }), listTenants });
  await retention.close();
  const sources = [requests, stores, queries, guardIndex({} as VectorIndex), chain, retention];
  return [
    ...sources.flatMap((source) => source.metrics()),
    ...toCacheMetrics({}),
    ...(await Promise.all(asked.map(async (source) => source()))).flat(),
  ];
}

function readWorkerFamilies(): Metric[] {
  const disks = createDiskMetrics({ data: ROOT, cache: ROOT });
  return [...createStageMetrics().metrics(), ...createStoreMetrics().metrics(), ...disks()];
}

/** What the SDK of Temporal can tell is named in its native library; `_total` and units are added to the names there. */
function readSdkNames(): (name: string) => boolean {
  const folder = dirname(createRequire(import.meta.url).resolve('@temporalio/core-bridge/package.json'));
  const [library = ''] = globSync('releases/*/index.node', { cwd: folder });
  const bytes = readFileSync(join(folder, library));
  return (name) => bytes.includes(name.replace(/^temporal_/, '').replace(/(_total|_seconds(_bucket|_sum|_count))$/, ''));
}

const families = { api: await readApiFamilies(), worker: readWorkerFamilies() };
const all = [...families.api, ...families.worker];
const exposed = new Set(all.flatMap(({ name, type }) => SUFFIXES[type].map((suffix) => `${name}${suffix}`)));
const isOfSdk = readSdkNames();
const recorded = new Set(rules.flatMap(({ record }) => record ?? []));

function findUnknown(expression: string): string[] {
  const names = expression.match(/\b(?:lectern|temporal)[_:][a-z0-9_:]+/g) ?? [];
  return names.filter((name) => (name.startsWith('temporal_') ? !isOfSdk(name) : !exposed.has(name) && !recorded.has(name)));
}

describe('docs/metrics.md', () => {
  it('tells every metric that a source file names', async () => {
    const sources = globSync('{api,worker,observability,retrieval,inference,storage,activities}/**/*.ts', { cwd: ROOT });
    const named = sources
      .filter((path) => !path.endsWith('.test.ts'))
      .flatMap((path) => [...read(path).matchAll(/name: '(lectern_[a-z_]+)'/g)].map(([, name]) => name));
    expect(new Set(named)).toEqual(new Set(all.map(({ name }) => name)));
    await expect(renderMetricsPage()).toMatchFileSnapshot('../docs/metrics.md');
  });

  it('names them as Prometheus wants it', () => {
    for (const { name, help, type } of all) {
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(help, name).toMatch(/^[A-Z1].*\.$/);
    }
  });
});

function renderMetricsPage(): string {
  const table = (told: readonly Metric[]): string[] => [
    '| metric | kind | meaning |',
    '|---|---|---|',
    ...told.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |`),
  ];
  return [
    '# Metrics',
    '',
    'In Prometheus’ text format; base units, and no label that names a tenant. Of a histogram there are `_bucket`, `_sum` and `_count`.',
    '',
    '## API: `GET /metrics`',
    '',
    ...table(families.api),
    '',
    '## Worker: `LECTERN_METRICS_HOST`, `LECTERN_METRICS_PORT`',
    '',
    ...table(families.worker),
    '',
    'And what Temporal’s SDK tells of pollers, slots, queues, tasks and requests: `temporal_...`.',
    '',
  ].join('\n');
}

describe('rules and dashboards', () => {
  it('ask for metrics only that are told', () => {
    expect(findUnknown('lectern_made_up_total + temporal_made_up_total + lectern:made_up:rate5m')).toHaveLength(3);
    for (const { alert, record, expr } of rules) expect(findUnknown(expr), alert ?? record).toEqual([]);
    for (const [name, { panels }] of dashboards) {
      for (const { title, targets } of panels) {
        expect(targets.length, `${name}: ${title}`).toBeGreaterThan(0);
        for (const { expr } of targets) expect(findUnknown(expr), `${name}: ${title}`).toEqual([]);
      }
    }
  });

  it('name no tenant', () => {
    for (const path of ['deploy/prometheus/alerts.yml', ...dashboards.map(([name]) => `deploy/grafana/dashboards/${name}`)]) {
      expect(read(path)).not.toMatch(/tenant/i);
    }
  });
});

describe('alerts', () => {
  it.each(alerts.map((rule): [string, Rule] => [rule.alert ?? '', rule]))(
    '%s says how urgent it is, what it means and what to do',
    (_, rule) => {
      expect(['page', 'ticket']).toContain(rule.labels?.severity);
      expect(rule.annotations?.summary).toMatch(/\S/);
      const runbook = rule.annotations?.runbook_url ?? '';
      expect(existsSync(join(ROOT, runbook)), runbook).toBe(true);
      expect(read(runbook)).toContain(rule.alert);
    },
  );

  it('are each tested, where they fire and where they do not', () => {
    const cases = ['alerts.test.yml', 'alerts-of-hours.test.yml'].flatMap((name) => {
      const { tests } = parse(read(`deploy/prometheus/${name}`)) as {
        tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
      };
      return tests.flatMap((test) => test.alert_rule_test);
    });
    for (const { alert } of alerts) {
      const ofAlert = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length > 0);
      expect(new Set(ofAlert), alert).toEqual(new Set([true, false]));
    }
  });
});

describe('Grafana', () => {
  it('is given the data source that the dashboards name, and dashboards of different ids', () => {
    const { datasources } = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')) as { datasources: { uid: string }[] };
    const sources = new Set(dashboards.flatMap(([, { panels }]) => panels.map(({ datasource }) => datasource.uid)));
    expect([...sources]).toEqual(datasources.map(({ uid }) => uid));
    expect(dashboards.map(([, { uid }]) => uid)).toEqual(['lectern-api', 'lectern-ingest', 'lectern-retrieval', 'lectern-workers']);
  });
});

describe('Prometheus', () => {
  it('asks the services of the compose file at the ports at which they tell', () => {
    const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
      services: Record<string, { environment?: Record<string, string>; profiles?: string[] }>;
    };
    const config = parse(read('deploy/prometheus/prometheus.yml')) as {
      scrape_configs: { static_configs?: { targets: string[] }[]; dns_sd_configs?: { names: string[]; port: number }[] }[];
    };
    const targets = config.scrape_configs.flatMap(({ static_configs: fixed = [], dns_sd_configs: looked = [] }) => [
      ...fixed.flatMap((each) => each.targets),
      ...looked.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
    ]);
    const port = (name: string): string | undefined => services[name]?.environment?.['LECTERN_METRICS_PORT'];
    expect(targets).toEqual(['api:8080', `worker:${port('worker')}`, `gpu-worker:${port('gpu-worker')}`]);
    for (const name of ['prometheus', 'grafana', 'jaeger']) expect(services[name]?.profiles).toEqual(['observability']);
  });
});
