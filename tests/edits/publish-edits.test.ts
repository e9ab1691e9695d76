import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPublications } from '../../api/publications.ts';
import { publishLeftBehind } from '../../api/unpublished.ts';
import type { LectureView } from '../../contracts/api.ts';
import type { EditAccepted, EditOperation, RevisionDiff, RevisionList } from '../../contracts/edits.ts';
import { ingestWorkflowId, type LectureId } from '../../contracts/identity.ts';
import { publishWorkflowId, type PublishResult } from '../../contracts/publish-workflow.ts';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import * as keys from '../../storage/keys.ts';
import { spoken, transcriptOf } from '../../transcript/captions/transcript.fixture.ts';
import { createCpuActivities, createGpuActivities } from '../../worker/create-activities.ts';
import { ask, OWN_TENANT, startTestApi, type TestApi } from '../api/test-api.ts';
import { startIngestRunner, until, type IngestRunner } from '../workflows/ingest-runner.ts';
import { createEditDeps } from './edit-stages.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Real server, API, stores and workers: only the embedder takes no time. */
let runner: IngestRunner;
let api: TestApi;
let stopCpu: () => Promise<void>;
let stopGpu: () => Promise<void>;
/** While it is set, whoever embeds waits for it. */
let gate: Promise<void> | undefined;
const embedded: string[] = [];
const onEmbed = async (texts: readonly string[], signal: AbortSignal) => {
  embedded.push(...texts);
  if (gate === undefined) return;
  const stopped = once(signal, 'abort').then(() => signal.throwIfAborted());
  await Promise.race([gate, stopped]);
};

beforeAll(async () => {
  runner = await startIngestRunner();
  api = await startTestApi(runner.address);
  const deps = createEditDeps(api, onEmbed);
  stopCpu = await runner.startWorker(TASK_QUEUES.cpu, createCpuActivities(deps));
  stopGpu = await runner.startWorker(TASK_QUEUES.gpu, createGpuActivities(deps));
});
afterAll(async () => {
  await Promise.all([stopCpu(), stopGpu()]);
  await api.close();
  await runner.close();
});
beforeEach(() => {
  gate = undefined;
  embedded.length = 0;
});

let planted = 0;
const TRANSCRIPT = transcriptOf(spoken('The code finds every single error.'), spoken('Does it?', 'S2', 10), spoken('Yes.', 'S1', 20));

/** A lecture as it is after its ingest, but for an index: the first edit makes that. */
async function plant(): Promise<LectureId> {
  planted += 1;
  const sha256 = planted.toString(16).padStart(64, '0');
  const lectureId = keys.toLectureId(OWN_TENANT, sha256);
  const key = keys.artifactKey(OWN_TENANT, lectureId, 'align', sha256);
  await api.artifacts.write({ key }, TRANSCRIPT);
  const now = new Date().toISOString();
  await api.lectures.create({
    tenantId: OWN_TENANT,
    lectureId,
    metadata: {},
    media: { key: keys.mediaKey(OWN_TENANT, lectureId), sha256, bytes: 1 },
    state: 'ready',
    createdAt: now,
    updatedAt: now,
    speakerNames: {},
    artifacts: { transcript: key },
    degraded: [],
  });
  return lectureId;
}

const call = (path: string, init?: RequestInit) => ask(api.url, api.apiKeys.own, `/api/v1/lectures/${path}`, init);
const read = async <T>(path: string): Promise<T> => (await (await call(path)).json()) as T;
function patch(lectureId: LectureId, baseRevision: number, operations: EditOperation[]): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'if-match': `"${baseRevision}"` };
  return call(`${lectureId}/transcript`, { method: 'PATCH', headers, body: JSON.stringify({ operations }) });
}
const saying = (from: number, ...texts: string[]): EditOperation => ({ kind: 'replaceWords', turn: 0, from, to: from + 1, texts });
const resultOf = (lectureId: LectureId): Promise<PublishResult> =>
  runner.client.workflow.getHandle(publishWorkflowId(OWN_TENANT, lectureId)).result() as Promise<PublishResult>;

async function find(lectureId: LectureId, text: string): Promise<(string | undefined)[]> {
  const [hits] = await api.index.search(OWN_TENANT, [{ leg: 'bm25', limit: 5, text }], { lectureIds: [lectureId] });
  const ids = hits!.map(({ chunkId }) => chunkId);
  return (await api.index.getChunks(OWN_TENANT, ids)).map((chunk) => chunk.text);
}

describe('an edit over HTTP', () => {
  it('is durable when it is acknowledged, and then published', async () => {
    const lectureId = await plant();
    expect((await call(`${lectureId}/transcript`)).headers.get('etag')).toBe('"1"');
    const response = await patch(lectureId, 1, [saying(1, 'parity', 'bit')]);
    const accepted = (await response.json()) as EditAccepted;
    expect([response.status, response.headers.get('etag')]).toEqual([200, '"2"']);
    expect(accepted).toMatchObject({
      revision: { number: 2, parent: 1, kind: 'edit', author: { name: 'test' }, summary: { wordsAdded: 2, wordsRemoved: 1 } },
      publication: 'running',
    });
    expect(await (await call(`${lectureId}/transcript?format=srt`)).text()).toContain('The parity bit finds');
    expect(await resultOf(lectureId)).toMatchObject({ state: 'published', revision: 2, embedded: 3, reused: 0 });
    expect(await find(lectureId, 'parity')).toEqual(['The parity bit finds every single error.']);
    expect(await read<LectureView>(lectureId)).toMatchObject({ headRevision: 2, publishedRevision: 2 });
  });

  it('is listed, compared and restored, each time as a revision; only what changed is embedded', async () => {
    const lectureId = await plant();
    await patch(lectureId, 1, [saying(1, 'proof')]);
    await resultOf(lectureId);
    embedded.length = 0;
    await patch(lectureId, 2, [{ kind: 'renameSpeaker', speaker: 'S2', name: 'Emmy' }, saying(5, 'mistake.')]);
    expect(await resultOf(lectureId)).toMatchObject({ revision: 3, embedded: 1, reused: 2 });
    expect(await read<RevisionDiff>(`${lectureId}/revisions/3/diff?against=1`)).toMatchObject({
      against: 1,
      changes: [
        { kind: 'words', removed: 'code', added: 'proof' },
        { kind: 'words', removed: 'error.', added: 'mistake.' },
        { kind: 'name', speaker: 'S2', after: 'Emmy' },
      ],
    });
    const restored = await call(`${lectureId}/revisions/2/restore`, { method: 'POST' });
    expect(await restored.json()).toMatchObject({ revision: { number: 4, kind: 'restore' } });
    expect(await resultOf(lectureId)).toMatchObject({ revision: 4 });
    expect(await find(lectureId, 'mistake')).toEqual([]);
    expect(await find(lectureId, 'proof')).toEqual(['The proof finds every single error.']);
    expect(await read<LectureView>(lectureId)).toMatchObject({ speakerNames: {}, headRevision: 4, publishedRevision: 4 });
    const { revisions } = await read<RevisionList>(`${lectureId}/revisions`);
    expect(revisions.map(({ number, kind }) => [number, kind])).toEqual([
      [4, 'restore'],
      [3, 'edit'],
      [2, 'edit'],
      [1, 'machine'],
    ]);
    expect(await read(`${lectureId}/revisions/3`)).toMatchObject({ origin: { kind: 'edit' }, speakerNames: { S2: 'Emmy' } });
    expect((await call(`${lectureId}/revisions/9`)).status).toBe(404);
  });

  it('against an older revision goes through where it touches other words, and is refused where it does not', async () => {
    const lectureId = await plant();
    await patch(lectureId, 1, [saying(1, 'proof')]);
    expect((await patch(lectureId, 1, [saying(4, 'lonely')])).status).toBe(200);
    const late = await patch(lectureId, 1, [saying(1, 'theorem')]);
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({ kind: 'conflict', detail: expect.stringContaining('at revision 3') as string });
    expect((await patch(lectureId, 9, [saying(1, 'x')])).status).toBe(409);
    expect((await patch(lectureId, 3, [saying(99, 'x')])).status).toBe(400);
    const body = JSON.stringify({ operations: [saying(1, 'x')] });
    const headers = { 'content-type': 'application/json' };
    expect((await call(`${lectureId}/transcript`, { method: 'PATCH', headers, body })).status).toBe(400);
    await resultOf(lectureId);
    expect(await find(lectureId, 'lonely')).toEqual(['The proof finds every lonely error.']);
  });

  it('is taken together with what comes while another is published: the newest is what readers find', async () => {
    const lectureId = await plant();
    let open = () => undefined as void;
    gate = new Promise((resolve) => (open = resolve));
    await patch(lectureId, 1, [saying(1, 'first')]);
    await until(() => embedded.length > 0);
    for (const [index, text] of ['second', 'third'].entries()) await patch(lectureId, index + 2, [saying(1, text)]);
    open();
    gate = undefined;
    expect(await resultOf(lectureId)).toMatchObject({ revision: 4 });
    expect(await find(lectureId, 'third')).toHaveLength(1);
    expect(await find(lectureId, 'second first')).toEqual([]);
    expect(embedded.some((text) => text.includes('second'))).toBe(false);
  });

  it('is published by another worker when its own one stops in the middle', async () => {
    const lectureId = await plant();
    gate = new Promise(() => undefined);
    await patch(lectureId, 1, [saying(1, 'hamming')]);
    await until(() => embedded.length > 0);
    gate = undefined;
    const stopping = stopGpu();
    stopGpu = await runner.startWorker(TASK_QUEUES.gpu, createGpuActivities(createEditDeps(api, onEmbed)));
    expect(await resultOf(lectureId)).toMatchObject({ state: 'published', revision: 2 });
    await stopping;
    expect(await find(lectureId, 'hamming')).toHaveLength(1);
  });

  it('leaves nothing of a lecture that is deleted while it is published', async () => {
    const lectureId = await plant();
    let open = () => undefined as void;
    gate = new Promise((resolve) => (open = resolve));
    await patch(lectureId, 1, [saying(1, 'doomed')]);
    await until(() => embedded.length > 0);
    const deleting = call(lectureId, { method: 'DELETE' });
    await sleep(0);
    open();
    expect((await deleting).status).toBe(204);
    expect((await api.storedFiles()).filter((path) => path.includes(lectureId))).toEqual([]);
    expect(await api.index.activeGeneration(OWN_TENANT, lectureId)).toBeNull();
    expect((await patch(lectureId, 1, [saying(1, 'late')])).status).toBe(404);
  });

  it('waits for Temporal where that is away, and is published when it is back', async () => {
    const lonely = await startTestApi('127.0.0.1:1');
    try {
      const [lectureId, headers] = [await plant(), { 'content-type': 'application/json' }];
      const lecture = (await api.lectures.get(OWN_TENANT, lectureId))!;
      await lonely.artifacts.write({ key: lecture.artifacts.transcript! }, TRANSCRIPT);
      await lonely.lectures.create(lecture);
      const body = JSON.stringify({ baseRevision: 1, operations: [saying(1, 'patient')] });
      const response = await ask(lonely.url, lonely.apiKeys.own, `/api/v1/lectures/${lectureId}/transcript`, {
        method: 'PATCH',
        headers,
        body,
      });
      expect(await response.json()).toMatchObject({ revision: { number: 2 }, publication: 'waiting' });
      const publications = createPublications(runner.client);
      expect(await publishLeftBehind({ objects: lonely.objects, keys, publications }, [OWN_TENANT])).toBe(1);
      expect(await publishLeftBehind({ objects: lonely.objects, keys, publications }, [OWN_TENANT])).toBe(0);
      // It runs: on this server's workers, whose lecture has no edit to publish.
      expect(await resultOf(lectureId)).toMatchObject({ state: 'published', revision: 1 });
    } finally {
      await lonely.close();
    }
  });
});

describe('speakers told apart anew', () => {
  it('are an ingest with that count, unless one is under way', async () => {
    const lectureId = await plant();
    const headers = { 'content-type': 'application/json' };
    const diarize = () => call(`${lectureId}/diarize`, { method: 'POST', headers, body: JSON.stringify({ speakers: { exact: 3 } }) });
    // Nobody takes its first stage up, so that it is under way as long as this test needs.
    await stopCpu();
    const response = await diarize();
    expect(response.status).toBe(202);
    const handle = runner.client.workflow.getHandle(ingestWorkflowId(OWN_TENANT, lectureId));
    const { events } = await handle.fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    expect(JSON.parse(Buffer.from(started!).toString())).toMatchObject({ lectureId, options: { speakers: { exact: 3 } } });
    expect((await diarize()).status).toBe(409);
    await handle.terminate();
    stopCpu = await runner.startWorker(TASK_QUEUES.cpu, createCpuActivities(createEditDeps(api, onEmbed)));
  });
});

describe('lectern edits', () => {
  async function lectern(...args: string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], LECTERN_URL: api.url, LECTERN_API_KEY: api.apiKeys.own };
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], { env });
    return stdout;
  }

  it('replaces a phrase, and tells, compares and restores what was done', async () => {
    const lectureId = await plant();
    expect(await lectern('edits', 'replace', lectureId, 'SINGLE error', 'mistake')).toBe(
      'revision 2: +1 -2 words; search finds it in a moment\n',
    );
    expect(await lectern('transcript', lectureId)).toContain('The code finds every mistake.');
    expect(await lectern('edits', 'diff', lectureId, '2')).toMatch(
      /^revision 2 against 1: .*\n0:02 {2}-\[single error\.\]\+\[mistake\.\]\n$/,
    );
    expect(await lectern('edits', 'restore', lectureId, '1')).toMatch(/^revision 3: \+2 -1 words/);
    await resultOf(lectureId);
    expect(await lectern('edits', 'list', lectureId)).toMatch(
      /^REVISION.*\n3 \(found by search\) .* restore .*\n2 .* test .* edit .*\n1 .* machine /,
    );
    expect(await lectern('speakers', lectureId, '--merge', 'S2=S1')).toMatch(/\nS1 [^\n]*\n$/);
    await resultOf(lectureId);
  });
});

it('has a recorded history of every path', () => {
  expect(readdirSync(new URL('../workflows/histories/publish/', import.meta.url)).sort()).toEqual([
    'cancelled.json',
    'edited-meanwhile.json',
    'failed.json',
    'gone.json',
    'published.json',
    'superseded-ingest.json',
    'superseded.json',
  ]);
});
