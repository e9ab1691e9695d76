import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

/** The compose specification's authors publish its schema inside their Go module; Go verifies the module's checksum. */
const COMPOSE_GO = 'github.com/compose-spec/compose-go/v2@v2.9.0';

async function readComposeSchema(): Promise<object> {
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', COMPOSE_GO], { cwd: tmpdir() });
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  const schema = JSON.parse(await readFile(join(Dir, 'schema', 'compose-spec.json'), 'utf8')) as Record<string, unknown>;
  // Ajv knows draft-07 by its address with http and a hash only.
  return { ...schema, $schema: 'http://json-schema.org/draft-07/schema#' };
}

describe('docker-compose.yml against the compose specification', () => {
  let source = '';
  let validate = (_compose: unknown): unknown => undefined;

  beforeAll(async () => {
    source = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
    const ajv = new Ajv({ strict: false, formats: { duration: true, ports: true, expose: true, subnet_ip_address: true } });
    const check = ajv.compile(await readComposeSchema());
    validate = (compose) => (check(compose), check.errors);
  });

  it('follows it', () => {
    expect(validate(parse(source, { merge: true }))).toBeNull();
  });

  it('would be caught out by a misspelt key', () => {
    expect(validate(parse(source.replace('image: qdrant', 'imagee: qdrant'), { merge: true }))).not.toBeNull();
  });
});
