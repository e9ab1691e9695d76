import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../contracts/ingest.ts';
import { ConfigSchema } from '../contracts/config.ts';

interface Service {
  profiles?: string[];
  environment?: Record<string, string>;
  command?: string[];
  volumes?: string[];
  build?: { target?: string };
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, null>;
}

const file = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const compose = parse(file('docker-compose.yml'), { merge: true }) as Compose;

describe('docker-compose.yml', () => {
  it('has the services of the scale column, the GPU worker behind its profile', () => {
    const names = ['postgresql', 'temporal', 'temporal-ui', 'minio', 'qdrant', 'ollama', 'api', 'worker', 'gpu-worker'];
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(names));
    expect(compose.services['gpu-worker']?.profiles).toEqual(['gpu']);
  });

  it('sets only variables that the configuration knows', () => {
    const known = new Set(Object.keys(ConfigSchema.shape));
    for (const name of ['api', 'worker', 'gpu-worker']) {
      for (const variable of Object.keys(compose.services[name]?.environment ?? {})) expect(known, variable).toContain(variable);
    }
  });

  it('runs entry points that exist', () => {
    for (const name of ['api', 'worker', 'gpu-worker']) expect(file(compose.services[name]?.command?.[0] ?? ''), name).not.toBe('');
  });

  it('builds targets that the Dockerfile has, the GPU worker with CUDA and a model of the catalogue', () => {
    const targets = [...file('deploy/Dockerfile').matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name);
    for (const name of ['api', 'worker', 'gpu-worker']) expect(targets, name).toContain(compose.services[name]?.build?.target);
    const gpu = compose.services['gpu-worker'];
    expect(gpu?.build?.target).toBe('gpu');
    expect(gpu?.environment).toMatchObject({ LECTERN_DEVICE: 'cuda', TEMPORAL_ADDRESS: 'temporal:7233' });
    const model = /:-(.*)}$/.exec(gpu?.environment?.['LECTERN_ASR_MODEL'] ?? '')?.[1];
    expect(file('inference/models.json')).toContain(`"name": "${model}"`);
  });

  it('mounts only volumes that are declared', () => {
    const mounted = Object.values(compose.services)
      .flatMap((service) => service.volumes ?? [])
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((source) => !/^[./]/.test(source));
    expect([...new Set(mounted)].sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it('gives each container a data folder of its own: all are process 1 there, and each sweeps what it takes for its own leftovers', () => {
    for (const name of ['api', 'worker', 'gpu-worker']) expect(compose.services[name]?.volumes, name).toContain('/var/lib/lectern');
  });

  it('keeps the secrets of .env out of git and out of the image', () => {
    for (const ignore of ['.gitignore', '.dockerignore']) expect(file(ignore).split('\n'), ignore).toContain('.env');
  });

  it('fetches the model that it configures', () => {
    expect(compose.services['ollama-model']?.command).toEqual(['pull', compose.services['api']?.environment?.['OLLAMA_MODEL']]);
  });

  it('holds no secret of its own', () => {
    const secrets = file('docker-compose.yml').matchAll(/(?:PASSWORD|SECRET_KEY|API_KEY|_PWD): (.*)/g);
    // Asked for where it is missing, or empty where nothing needs it.
    for (const [, value] of secrets) expect(value).toMatch(/^\$\{[A-Z_]+:(?:\?|-\})/);
  });

  it('registers every search attribute that the workflow sets', () => {
    const script = file('deploy/temporal/register-search-attributes.sh');
    for (const name of SEARCH_ATTRIBUTES) expect(script).toContain(name);
  });
});
