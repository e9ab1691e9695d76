import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemSchema, ReadinessSchema, TranscriptViewSchema } from '../../contracts/api.ts';
import type { Lecture } from '../../contracts/lecture.ts';
import type { Transcript } from '../../contracts/transcript.ts';
import { artifactKey, mediaKey, toLectureId } from '../../storage/keys.ts';
import { startServer } from '../../api/serve.ts';
import { ask, OWN_TENANT, startTestApi, upload, type TestApi } from './test-api.ts';

/** Nothing listens here: what this file looks at must not need Temporal. */
const NO_TEMPORAL = '127.0.0.1:1';
const SHA256 = 'a'.repeat(64);
const LECTURE = toLectureId(OWN_TENANT, SHA256);
const RECORDING = Buffer.from('0123456789'.repeat(100_000));

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi(NO_TEMPORAL);
  const keys = {
    transcript: artifactKey(OWN_TENANT, LECTURE, 'align', 'b'.repeat(64)),
    diarization: artifactKey(OWN_TENANT, LECTURE, 'diarize', 'c'.repeat(64)),
    prepared: artifactKey(OWN_TENANT, LECTURE, 'prepare', 'd'.repeat(64)),
  };
  await api.objects.put(mediaKey(OWN_TENANT, LECTURE), RECORDING);
  await api.artifacts.write({ key: keys.transcript }, TRANSCRIPT);
  const turns = [{ speaker: 'S1', startSeconds: 0.25, endSeconds: 1.5 }];
  await api.artifacts.write({ key: keys.diarization }, { speakers: ['S1'], turns, exclusiveTurns: turns });
  await api.artifacts.write(
    { key: keys.prepared },
    {
      media: { container: 'mp3', codec: 'mp3', durationSeconds: 2, sampleRate: 44_100, channels: 1, hasVideo: false },
      audioKey: 'x',
      durationSeconds: 2,
      loudnessDbfs: -20,
      peaks: [],
    },
  );
  const now = new Date().toISOString();
  const lecture: Lecture = {
    tenantId: OWN_TENANT,
    lectureId: LECTURE,
    metadata: { title: 'Codes & noise' },
    media: { key: mediaKey(OWN_TENANT, LECTURE), sha256: SHA256, bytes: RECORDING.length, contentType: 'text/html' },
    state: 'ready',
    createdAt: now,
    updatedAt: now,
    speakerNames: { S1: '<b>Ines</b>' },
    artifacts: { ...keys, chunks: 'x' },
    degraded: [],
  };
  await api.lectures.create(lecture);
});
afterAll(() => api?.close());

const word = (text: string, startSeconds: number) => ({
  text,
  startSeconds,
  endSeconds: startSeconds + 0.5,
  confidence: 0.9,
  speaker: 'S1',
  speakerSource: 'overlap' as const,
});
const TRANSCRIPT: Transcript = {
  language: 'en',
  durationSeconds: 2,
  speakers: ['S1'],
  turns: [{ speaker: 'S1', startSeconds: 0, endSeconds: 1, words: [word('Hello', 0), word('<world>.', 0.5)] }],
};

const transcriptIn = (format: string): Promise<Response> =>
  ask(api.url, api.apiKeys.own, `/api/v1/lectures/${LECTURE}/transcript?format=${format}`);
const media = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  ask(api.url, api.apiKeys.own, `/api/v1/lectures/${LECTURE}/media`, { method, headers });

describe('GET /api/v1/lectures/{id}/transcript', () => {
  it('gives the words with their times', async () => {
    const view = TranscriptViewSchema.parse(await (await transcriptIn('json')).json());
    expect(view).toEqual({ ...TRANSCRIPT, lectureId: LECTURE, revision: 1, speakerNames: { S1: '<b>Ines</b>' } });
  });

  it.each([
    ['vtt', 'text/vtt; charset=utf-8', /^WEBVTT[\s\S]*00:00:00\.000 --> 00:00:01\.000[\s\S]*&lt;world&gt;/],
    ['srt', 'application/x-subrip; charset=utf-8', /^1\n00:00:00,000 --> 00:00:01,000\n/],
    ['md', 'text/markdown; charset=utf-8', /Codes/],
    ['rttm', 'text/plain; charset=utf-8', new RegExp(`^SPEAKER ${LECTURE} 1 0\\.250 1\\.250 <NA> <NA> S1 <NA> <NA>\n$`)],
  ])('writes %s', async (format, contentType, text) => {
    const response = await transcriptIn(format);
    expect(response.headers.get('content-type')).toBe(contentType);
    expect(await response.text()).toMatch(text);
  });

  it('refuses a format that is none', async () => {
    const response = await transcriptIn('exe');
    expect(response.status).toBe(400);
    expect(ProblemSchema.parse(await response.json()).detail).toContain('format');
  });
});

describe('GET /api/v1/lectures/{id}/media', () => {
  it('sends the whole recording as what the probe found, whatever the document says of the upload', async () => {
    const response = await media();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'audio/mpeg',
      'accept-ranges': 'bytes',
      'content-length': String(RECORDING.length),
      'x-content-type-options': 'nosniff',
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(RECORDING)).toBe(true);
  });

  it.each([
    ['bytes=5-9', 206, 'bytes 5-9/1000000', '56789'],
    ['bytes=-3', 206, 'bytes 999997-999999/1000000', '789'],
    ['bytes=999998-', 206, 'bytes 999998-999999/1000000', '89'],
  ])('sends %s', async (range, status, contentRange, text) => {
    const response = await media({ range });
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([status, contentRange, text]);
  });

  it('answers 416 outside of it', async () => {
    const response = await media({ range: 'bytes=1000000-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */1000000']);
  });

  it('sends no bytes for HEAD and for what the client has', async () => {
    const head = await media({}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '1000000', '']);
    const etag = head.headers.get('etag') ?? '';
    expect((await media({ 'if-none-match': etag })).status).toBe(304);
    expect((await media({ range: 'bytes=0-0', 'if-range': etag })).status).toBe(206);
    expect((await media({ range: 'bytes=0-0', 'if-range': '"other"' })).status).toBe(200);
  });
});

describe('GET /metrics', () => {
  it('tells numbers to anybody, as Prometheus reads them', async () => {
    const response = await fetch(`${api.url}/metrics`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const text = await response.text();
    expect(text).toContain('# HELP lectern_test One.\n# TYPE lectern_test gauge\nlectern_test 1\n');
    // Routes by their pattern: an id in a label would make a series of each lecture, and name it to anybody.
    expect(text).toMatch(/lectern_http_requests_total\{method="GET",route="\/api\/v1\/lectures\/:lectureId[^"]*",status="200"\} \d/);
    expect(text).not.toContain('lec_');
  });
});

describe('POST /api/v1/query', () => {
  const post = (body: string, contentType = 'application/json'): Promise<Response> =>
    ask(api.url, api.apiKeys.own, '/api/v1/query', { method: 'POST', body, headers: { 'content-type': contentType } });

  it('asks in the name of the tenant of the key', async () => {
    const response = await post(JSON.stringify({ question: ' why? ' }));
    expect([response.status, await response.json()]).toEqual([
      200,
      { question: `${OWN_TENANT}: why?`, hits: [], timingsMs: {}, skipped: [], unheardPhrases: [] },
    ]);
  });

  it.each([
    ['no JSON', '{', 400],
    ['no question', '{}', 400],
    ['an empty question', '{"question":" "}', 400],
    ['too many hits', '{"question":"x","limit":51}', 400],
    ['a lecture id that is none', '{"question":"x","filters":{"lectureIds":["x"]}}', 400],
    ['a body that is too large', JSON.stringify({ question: 'x'.repeat(70_000) }), 413],
  ])('refuses %s', async (_, body, status) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(ProblemSchema.parse(await response.json()).kind).toBe('invalid-input');
  });

  it('refuses another content type', async () => {
    expect((await post('question=x', 'application/x-www-form-urlencoded')).status).toBe(415);
  });
});

describe('with Temporal down', () => {
  it('is alive, not ready, and says which dependency is away', async () => {
    expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
    const response = await fetch(`${api.url}/health/ready`);
    expect(response.status).toBe(503);
    const { dependencies } = ReadinessSchema.parse(await response.json());
    expect(dependencies.map(({ name, state }) => `${name} ${state}`)).toEqual(['objects up', 'index up', 'temporal down']);
  });

  it('refuses an upload for now and keeps nothing of it', async () => {
    const before = await api.storedFiles();
    const response = await upload(api.url, { key: api.apiKeys.own, content: 'wait for me', idempotencyKey: 'k' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(ProblemSchema.parse(await response.json()).kind).toBe('unavailable');
    expect(await api.storedFiles()).toEqual(before);
  });
});

describe('startServer', () => {
  it('says which port is taken and what to set', async () => {
    const port = Number(new URL(api.url).port);
    await expect(startServer(api.app, { host: '127.0.0.1', port })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(String(port)) as string,
      cure: expect.stringContaining('LECTERN_PORT') as string,
    });
  });
});
