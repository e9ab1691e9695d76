import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payloads } from '../../contracts/codec.ts';
import { parseConfig } from '../../contracts/config.ts';
import type { Role } from '../../contracts/roles.ts';
import { createApiKeyStore } from '../../storage/api-keys.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { openDataConverter } from '../../worker/encryption/data-converter.ts';
import { createRemoteCodec } from '../../worker/encryption/remote-codec.ts';
import { OWN_TENANT, startTestApi, type TestApi } from './test-api.ts';

const UI = 'https://temporal.example.org';
const TOKEN = randomBytes(32).toString('base64url');
const TEXT = 'the message of an error';

let root: string;
let keyStore: ObjectStore;
let api: TestApi;
let codec: PayloadCodec;
const keys = {} as Record<Role, string>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lectern-codec-'));
  keyStore = await openFilesystemObjectStore(root);
  const config = parseConfig({ LECTERN_MASTER_KEY: randomBytes(32).toString('base64') });
  const dataConverter = await openDataConverter(config, keyStore);
  codec = dataConverter!.payloadCodecs![0]!;
  const remote = createRemoteCodec(dataConverter, 'default')!;
  // Nothing of this asks Temporal.
  api = await startTestApi('127.0.0.1:9', undefined, undefined, { codec: remote, namespace: 'default', origins: [UI], token: TOKEN });
  for (const role of ['student', 'lecturer', 'operator', 'admin'] as const) {
    keys[role] = (await createApiKeyStore(api.objects).create(OWN_TENANT, { name: role, role })).key;
  }
});
afterAll(async () => {
  await api?.close();
  await keyStore?.close();
  await rm(root, { recursive: true, force: true });
});

const toJson = (payload: Payload): Payloads['payloads'][number] => ({
  metadata: Object.fromEntries(Object.entries(payload.metadata!).map(([name, value]) => [name, Buffer.from(value).toString('base64')])),
  data: Buffer.from(payload.data!).toString('base64'),
});
/** As it stands in a history. */
const sealedBy = async (workflowId: string | undefined): Promise<Payloads> => {
  const context = workflowId === undefined ? undefined : { type: 'workflow' as const, namespace: 'default', workflowId };
  return { payloads: (await codec.encode([defaultPayloadConverter.toPayload(TEXT)], context)).map(toJson) };
};
const own = () => sealedBy(`${OWN_TENANT}/lec/ingest`);

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${api.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}
const as = (role: Role) => ({ authorization: `Bearer ${keys[role]}`, 'x-namespace': 'default' });
const textsOf = async (response: Response): Promise<unknown[]> =>
  ((await response.json()) as Payloads).payloads.map(({ data }) => JSON.parse(Buffer.from(data, 'base64').toString()) as unknown);

describe('the codec endpoint', () => {
  it.each(['operator', 'admin'] as const)('decrypts payloads of the tenant for its %s', async (role) => {
    const response = await post('/codec/decode', await own(), as(role));
    expect(response.status).toBe(200);
    expect(await textsOf(response)).toEqual([TEXT]);
  });

  it.each(['student', 'lecturer'] as const)('does not for a %s', async (role) => {
    expect((await post('/codec/decode', await own(), as(role))).status).toBe(403);
  });

  it('knows no payloads of other tenants, and opens nothing without a key', async () => {
    const foreign = await post('/codec/decode', await sealedBy('foreign-uni/lec/ingest'), as('admin'));
    expect(foreign.status).toBe(404);
    expect((await post('/codec/decode', await own())).status).toBe(401);
    expect((await post('/codec/decode', await own(), { ...as('admin'), 'x-namespace': 'another' })).status).toBe(404);
  });

  it('gives back what is plain, and what is no tenant’s, as it is', async () => {
    const given = { payloads: [toJson(defaultPayloadConverter.toPayload('plain')), ...(await sealedBy(undefined)).payloads] };
    expect(await (await post('/codec/decode', given, as('operator'))).json()).toEqual(given);
  });

  it('encrypts for the tenant of the key', async () => {
    const plain = { payloads: [toJson(defaultPayloadConverter.toPayload(TEXT))] };
    const encoded = (await (await post('/codec/encode', plain, as('operator'))).json()) as Payloads;
    expect(encoded.payloads[0]?.data).not.toBe(plain.payloads[0]?.data);
    expect(await textsOf(await post('/codec/decode', encoded, as('operator')))).toEqual([TEXT]);
  });

  it('refuses damage and what is not of the form', async () => {
    const [payload] = (await own()).payloads;
    const data = Buffer.from(payload!.data, 'base64');
    data[20] = (data[20] ?? 0) ^ 1;
    expect((await post('/codec/decode', { payloads: [{ ...payload, data: data.toString('base64') }] }, as('admin'))).status).toBe(500);
    expect((await post('/codec/decode', { payloads: [{ data: '%' }] }, as('admin'))).status).toBe(400);
  });
});

describe('browsers', () => {
  const preflight = (origin: string) =>
    fetch(`${api.url}/codec/decode`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-namespace,authorization',
      },
    });

  it('of the UI may ask, with their headers', async () => {
    const { headers } = await preflight(UI);
    expect(headers.get('access-control-allow-origin')).toBe(UI);
    expect(headers.get('access-control-allow-headers')).toMatch(/x-namespace/);
    const response = await post('/codec/decode', await own(), { ...as('operator'), origin: UI });
    expect(response.headers.get('access-control-allow-origin')).toBe(UI);
  });

  it.each(['https://temporal.example.org.evil.org', 'http://temporal.example.org', 'null'])('of %s may not', async (origin) => {
    expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the embedded UI', () => {
  it('decrypts by its token, payloads of all tenants of the machine', async () => {
    const { payloads } = await sealedBy('foreign-uni/lec/ingest');
    const all = { payloads: [...payloads, ...(await own()).payloads, ...(await sealedBy(undefined)).payloads] };
    expect(await textsOf(await post(`/codec/${TOKEN}/decode`, all, { 'x-namespace': 'default' }))).toEqual([TEXT, TEXT, TEXT]);
  });

  it('does not by another token, and encrypts nothing', async () => {
    expect((await post(`/codec/${TOKEN.slice(1)}/decode`, await own())).status).toBe(404);
    expect((await post(`/codec/${TOKEN}/encode`, await own())).status).toBe(404);
  });
});
