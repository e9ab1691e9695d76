import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestAccepted, Problem } from '../../contracts/api.ts';
import { eraseWorkflowId } from '../../contracts/erase-workflow.ts';
import { ingestWorkflowId } from '../../contracts/identity.ts';
import { RetentionSchema, TenantViewSchema } from '../../contracts/tenants.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { createErasureStore } from '../../storage/erasures.ts';
import { createTenantSettingsStore, type TenantSettingsStore } from '../../storage/tenant-settings.ts';
import { ask, OWN_TENANT, startTestApi, upload, type TestApi } from '../api/test-api.ts';
import { startTestTemporal } from '../support/temporal-server.ts';

let temporal: TemporalServer;
let api: TestApi;
let settings: TenantSettingsStore;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  temporal = await startTestTemporal();
  connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection });
  api = await startTestApi(temporal.address);
  settings = createTenantSettingsStore(api.objects);
});
afterAll(async () => {
  await api?.close();
  await connection?.close();
  await temporal?.stop();
});

const send = (content: string) => upload(api.url, { key: api.apiKeys.own, content });
/** No worker runs here: a deletion would wait for the run to hear that it is cancelled. */
const endRunOf = (lectureId: string) => client.workflow.getHandle(ingestWorkflowId(OWN_TENANT, lectureId)).terminate();
const problemOf = async (response: Response) => (await response.json()) as Problem;
const setQuotas = (quotas: NonNullable<Parameters<TenantSettingsStore['update']>[1]['quotas']>) => settings.update(OWN_TENANT, { quotas });

describe('quotas', () => {
  it('of lectures hold against uploads at once, not against a recording that is there, and give way to a deletion', async () => {
    await setQuotas({ lectures: 3 });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => send(`recording ${number}`)));
    const accepted = await Promise.all(answers.filter(({ ok }) => ok).map(async (answer) => (await answer.json()) as IngestAccepted));
    expect(accepted).toHaveLength(3);
    const refused = answers.find(({ ok }) => !ok)!;
    expect(refused.status).toBe(409);
    expect(await problemOf(refused)).toMatchObject({
      kind: 'conflict',
      detail: 'the tenant’s quota is used up: 3 of 3 lectures',
      cure: expect.stringContaining('lectern tenants configure') as string,
    });
    const first = [1, 2, 3, 4, 5, 6][answers.findIndex(({ ok }) => ok)]!;
    expect((await send(`recording ${first}`)).status).toBe(202);
    const { lectureId } = accepted[1]!;
    await endRunOf(lectureId);
    expect((await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${lectureId}`, { method: 'DELETE' })).status).toBe(204);
    expect((await send('a new one')).status).toBe(202);
    expect((await send('one too many')).status).toBe(409);
    expect((await upload(api.url, { key: api.apiKeys.foreign, content: 'of another tenant' })).status).toBe(202);
    await setQuotas({ lectures: null });
  });

  it('of bytes and of an upload’s size are told before the body is read', async () => {
    const { usage } = TenantViewSchema.parse(await (await ask(api.url, api.apiKeys.own, '/api/v1/tenant')).json());
    await setQuotas({ bytes: usage.bytes + 10 });
    expect(await problemOf(await send('longer than ten bytes'))).toMatchObject({
      status: 409,
      detail: expect.stringContaining(`${usage.bytes} of ${usage.bytes + 10} bytes`) as string,
    });
    expect((await send('ten bytes')).status).toBe(202);
    await setQuotas({ bytes: null, uploadBytes: 20 });
    expect(await problemOf(await send('x'.repeat(21)))).toMatchObject({
      status: 413,
      detail: 'the file is over 20 bytes',
      cure: expect.stringContaining('quota') as string,
    });
    // Two megabytes that are announced and never sent: the answer does not wait for them.
    await setQuotas({ uploadBytes: null, bytes: usage.bytes + 20 });
    const neverSent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    const early = await api.app.request('/api/v1/ingest', {
      method: 'POST',
      body: neverSent,
      duplex: 'half',
      headers: {
        authorization: `Bearer ${api.apiKeys.own}`,
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': String(2 << 20),
      },
    });
    expect(early.status).toBe(409);
    await setQuotas({ bytes: null });
  });

  it('of minutes count what was uploaded this month', async () => {
    const { lectureId } = (await (await send('an hour')).json()) as IngestAccepted;
    await api.lectures.update(OWN_TENANT, lectureId, (lecture) => ({ ...lecture, durationSeconds: 3_600 }));
    await setQuotas({ audioMinutesPerMonth: 60 });
    expect(await problemOf(await send('one minute more'))).toMatchObject({
      status: 409,
      detail: 'the tenant’s quota is used up: 60 of 60 minutes of audio this month',
    });
    await setQuotas({ audioMinutesPerMonth: 61 });
    expect((await send('one minute more')).status).toBe(202);
    await setQuotas({ audioMinutesPerMonth: null });
  });

  it('are not for the tenant’s own admin to change', async () => {
    const body = JSON.stringify({ quotas: { lectures: 1_000_000 } });
    const headers = { 'content-type': 'application/json' };
    expect((await ask(api.url, api.apiKeys.own, '/api/v1/settings', { method: 'PATCH', body, headers })).status).toBe(400);
  });
});

it('languages are those that the tenant has chosen', async () => {
  await settings.update(OWN_TENANT, { languages: ['de'] });
  const inEnglish = await upload(api.url, { key: api.apiKeys.own, content: 'english', fields: { language: 'en' } });
  expect(await problemOf(inEnglish)).toMatchObject({ status: 400, detail: expect.stringContaining('language: en') as string });
  expect((await upload(api.url, { key: api.apiKeys.own, content: 'deutsch', fields: { language: 'de' } })).status).toBe(202);
  await settings.update(OWN_TENANT, { languages: null });
});

it('retention deletes what is older, after a dry run that only tells', async () => {
  const [old, young] = await Promise.all(['old', 'young'].map(async (name) => (await (await send(name)).json()) as IngestAccepted));
  await endRunOf(old!.lectureId);
  const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3600 * 1000).toISOString();
  await api.lectures.update(OWN_TENANT, old!.lectureId, (lecture) => ({ ...lecture, createdAt: twoDaysAgo }));
  const retention = async (method: string) =>
    RetentionSchema.parse(await (await ask(api.url, api.apiKeys.own, '/api/v1/tenant/retention', { method })).json());
  expect(await retention('POST')).toEqual({ retentionDays: null, expired: [], deleted: 0 });
  await settings.update(OWN_TENANT, { retentionDays: 1 });
  const expired = [{ lectureId: old!.lectureId, createdAt: twoDaysAgo }];
  expect(await retention('GET')).toEqual({ retentionDays: 1, expired, deleted: 0 });
  expect(await api.lectures.get(OWN_TENANT, old!.lectureId)).toBeDefined();
  expect(await retention('POST')).toEqual({ retentionDays: 1, expired, deleted: 1 });
  expect(await api.lectures.get(OWN_TENANT, old!.lectureId)).toBeUndefined();
  expect(await api.lectures.get(OWN_TENANT, young!.lectureId)).toBeDefined();
  expect(await retention('POST')).toEqual({ retentionDays: 1, expired: [], deleted: 0 });
});

it('an export is a tar archive of what the tenant has, and of nothing else, with a manifest that holds', async () => {
  await send('take me along');
  await upload(api.url, { key: api.apiKeys.foreign, content: 'not mine' });
  const folder = await mkdtemp(join(tmpdir(), 'lectern-export-'));
  try {
    const archive = await ask(api.url, api.apiKeys.own, '/api/v1/tenant/export?originals=true');
    await writeFile(join(folder, 'tenant.tar'), Buffer.from(await archive.arrayBuffer()));
    await promisify(execFile)('tar', ['-xf', 'tenant.tar'], { cwd: folder });
    const readText = (path: string) => readFile(join(folder, path), 'utf8');
    const manifest = JSON.parse(await readText('manifest.json')) as {
      tenantId: string;
      files: { path: string; bytes: number; sha256: string }[];
    };
    expect(manifest.tenantId).toBe(OWN_TENANT);
    const texts = await Promise.all(manifest.files.map(({ path }) => readText(path)));
    for (const [position, { bytes, sha256 }] of manifest.files.entries()) {
      const text = Buffer.from(texts[position]!);
      expect({ bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') }).toEqual({ bytes, sha256 });
    }
    expect(texts).toContain('take me along');
    expect(texts).not.toContain('not mine');
    expect(manifest.files.map(({ path }) => path)).toContain('settings.json');
    expect(manifest.files.map(({ path }) => path)).not.toContain('voiceprints.json');
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('writers are refused while a tenant is erased, readers and other tenants are not', async () => {
  const erasures = createErasureStore(api.objects);
  await erasures.begin(OWN_TENANT);
  expect(await problemOf(await send('too late'))).toMatchObject({ status: 409, detail: 'the tenant is being erased' });
  expect((await ask(api.url, api.apiKeys.own, '/api/v1/lectures')).status).toBe(200);
  expect((await upload(api.url, { key: api.apiKeys.foreign, content: 'in time' })).status).toBe(202);
  const nothing = { objects: 0, encryptionKeys: 0, apiKeys: 0, indexedLectures: 0, schedules: 0, workflows: 0 };
  const removed = { runsStopped: 0, schedules: 0, objects: 0, apiKeys: 0, histories: 0 };
  await erasures.finish(OWN_TENANT, { removed, scan: nothing, rounds: 1 });
  expect((await send('a new tenant of this id')).status).toBe(202);

  // An upload that began before an erasure and comes in whole after it.
  const slow = new TransformStream<Uint8Array, Uint8Array>();
  const writer = slow.writable.getWriter();
  const headers = { authorization: `Bearer ${api.apiKeys.own}`, 'content-type': 'multipart/form-data; boundary=b' };
  const answer = api.app.request('/api/v1/ingest', { method: 'POST', body: slow.readable, duplex: 'half', headers });
  await writer.write(Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a.mp3"\r\n\r\nslow'));
  await erasures.begin(OWN_TENANT);
  await erasures.finish(OWN_TENANT, { removed, scan: nothing, rounds: 1 });
  await writer.write(Buffer.from(' recording\r\n--b--\r\n'));
  await writer.close();
  expect(await problemOf(await answer)).toMatchObject({ status: 409, detail: 'the tenant is being erased' });
  expect((await api.storedFiles()).filter((path) => path.includes('/uploads/'))).toEqual([]);
});

it('an admin erases the tenant by its id, and by no other', async () => {
  const erase = (confirm: string) =>
    ask(api.url, api.apiKeys.foreign, '/api/v1/tenant/erase', {
      method: 'POST',
      body: JSON.stringify({ confirm }),
      headers: { 'content-type': 'application/json' },
    });
  expect((await erase(OWN_TENANT)).status).toBe(400);
  expect((await upload(api.url, { key: api.apiKeys.foreign, content: 'still there' })).status).toBe(202);
  expect((await erase('foreign-uni')).status).toBe(202);
  // No worker runs here; what the workflow does is looked at where one does.
  expect((await client.workflow.getHandle(eraseWorkflowId('foreign-uni')).describe()).status.name).toBe('RUNNING');
  expect((await upload(api.url, { key: api.apiKeys.foreign, content: 'too late' })).status).toBe(409);
});
