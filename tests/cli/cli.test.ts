import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { ask, OWN_TENANT, startTestApi, upload, type TestApi } from '../api/test-api.ts';
import { startTestWorker, type TestWorker } from '../api/test-worker.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { encodeVoice } from '../../contracts/voice-vector.ts';
import { wireRetryActivities } from '../../worker/create-retry-activities.ts';
import { artifactKey, mediaKey, toLectureId } from '../../storage/keys.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let temporal: TemporalServer;
let api: TestApi;
let worker: TestWorker;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-test-cli-'));
  temporal = await startTestTemporal();
  api = await startTestApi(temporal.address);
  worker = await startTestWorker(temporal.address, async () => undefined, wireRetryActivities(api));
});
afterAll(async () => {
  await worker?.stop();
  await api?.close();
  await temporal?.stop();
  await rm(folder, { recursive: true, force: true });
});

const lectureOf = (content: string): string => toLectureId(OWN_TENANT, createHash('sha256').update(content).digest('hex'));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The command line as a user runs it, without a terminal. */
async function lectern(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    LECTERN_DATA: join(folder, 'data'),
    LECTERN_URL: api.url,
    LECTERN_API_KEY: api.apiKeys.own,
    ...environment,
  };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

async function fileWith(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('lectern ingest', () => {
  it('waits and prints one JSON document with a line for each file', async () => {
    const good = await fileWith('good "1".mp3', 'a good one');
    const poison = await fileWith('poison.mp3', 'a poison');
    const empty = await fileWith('empty.mp3', '');
    worker.refused.add(lectureOf('a poison'));
    const { code, stdout, stderr } = await lectern([
      'ingest',
      good,
      poison,
      empty,
      '/nowhere.mp3',
      '--title',
      'T',
      '--speakers',
      '2-3',
      '--wait',
      '--json',
    ]);
    expect(code).toBe(1);
    const { results } = JSON.parse(stdout) as { results: Record<string, unknown>[] };
    expect(results).toEqual([
      {
        file: good,
        jobId: expect.any(String) as string,
        lectureId: lectureOf('a good one'),
        state: 'completed',
        degraded: expect.any(Array) as unknown[],
      },
      {
        file: poison,
        jobId: expect.any(String) as string,
        lectureId: expect.any(String) as string,
        state: 'failed',
        degraded: [],
        error: { kind: 'unsupported-media', stage: 'prepare', message: 'this is no recording' },
      },
      {
        file: empty,
        state: 'rejected',
        degraded: [],
        error: { kind: 'invalid-input', stage: 'upload', message: 'the file is empty' },
      },
      {
        file: '/nowhere.mp3',
        state: 'rejected',
        degraded: [],
        error: { kind: 'invalid-input', stage: 'upload', message: '/nowhere.mp3: there is no such file' },
      },
    ]);
    expect(stderr).toContain('uploading 100 %');
    expect(stderr).not.toContain('\r');
  });

  it('exits 0 when all went well and prints plain lines for people', async () => {
    const file = await fileWith('fine.mp3', 'fine');
    const { code, stdout } = await lectern(['ingest', file, '--wait']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/fine\.mp3: completed {2}lec_[0-9a-f]{24}/)]);
  });

  it('streams a large file and says why it was refused', async () => {
    const file = await fileWith('large.mp3', Buffer.alloc(30_000_000));
    const { code, stdout } = await lectern(['ingest', file, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ state: 'rejected', error: { kind: 'invalid-input' } }] });
  });
});

describe('lectern jobs', () => {
  /** An ingest that failed for a reason that is mended since. */
  const failing = async (content: string): Promise<string> => {
    worker.refused.add(lectureOf(content));
    const { jobId } = (await (await upload(api.url, { key: api.apiKeys.own, content })).json()) as { jobId: string };
    await expect
      .poll(async () => (await ask(api.url, api.apiKeys.own, `/api/v1/jobs/${jobId}`)).text(), { timeout: 60_000 })
      .toContain('"failed"');
    worker.refused.delete(lectureOf(content));
    return jobId;
  };

  it('names what failed with its cure, and goes on with one or with all', async () => {
    const [one, two] = [await failing('retried alone'), await failing('retried with all')];
    const listed = async () => (await ask(api.url, api.apiKeys.own, '/api/v1/jobs/failed')).text();
    await expect.poll(listed, { timeout: 30_000 }).toContain(two);
    const failed = await lectern(['jobs', 'failed', '--since', '1h', '--kind', 'unsupported-media']);
    expect(failed.stdout).toMatch(/failed\. By kind: unsupported-media \d+\.[^]*Upload the recording in another format/);

    expect((await lectern(['jobs', one])).stderr).toContain(`lectern jobs retry ${one}`);
    const alone = await lectern(['jobs', 'retry', one, '--wait', '--json']);
    expect(JSON.parse(alone.stdout), alone.stderr).toMatchObject({ how: 'continued', state: 'completed' });
    const all = await lectern(['jobs', 'retry', '--kind', 'unsupported-media', '--rate', '600', '--wait', '--json']);
    expect(JSON.parse(all.stdout), all.stderr).toMatchObject({ state: 'completed', retried: expect.any(Number) as number });
    await expect.poll(listed, { timeout: 30_000 }).not.toContain(two);
    const { retryId } = JSON.parse(all.stdout) as { retryId: string };
    expect((await lectern(['jobs', 'retry', '--stop', retryId])).stdout).toContain('completed');
  });

  it.each([[[]], [['--since', '1h', '--language', 'de']]])('refuses retry %j', async (wrong) => {
    expect((await lectern(['jobs', 'retry', ...wrong])).code).toBe(2);
  });
});

describe('the other commands', () => {
  it('lists jobs and lectures and shows one', async () => {
    const jobs = JSON.parse((await lectern(['jobs', '--json'])).stdout) as { jobs: { jobId: string; lectureId: string }[] };
    expect(jobs.jobs.length).toBeGreaterThan(0);
    const [job] = jobs.jobs;
    expect((await lectern(['jobs', job!.jobId])).stdout).toContain('prepare');
    expect((await lectern(['lectures'])).stdout).toContain(job!.lectureId);
    expect(JSON.parse((await lectern(['lectures', job!.lectureId, '--json'])).stdout)).toMatchObject({ lectureId: job!.lectureId });
    expect((await lectern(['lectures', job!.lectureId, '--delete'])).code).toBe(0);
    expect((await lectern(['lectures', job!.lectureId])).code).toBe(5);
  });

  it('searches and asks', async () => {
    expect(JSON.parse((await lectern(['search', 'what', 'is', 'parity', '--json'])).stdout)).toMatchObject({
      question: `${OWN_TENANT}: what is parity`,
    });
    expect((await lectern(['ask', 'why'])).code).toBe(0);
    expect((await lectern(['ask', 'why', '--from', '60', '--to', '90.5'])).code).toBe(0);
    expect(await lectern(['ask', 'why', '--from', 'noon'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--from') as string });
  });

  it('makes, lists and revokes keys without showing one twice', async () => {
    const made = JSON.parse((await lectern(['keys', 'create', '--tenant', 'physics', '--name', 'hall 3', '--json'])).stdout) as {
      key: string;
      id: string;
    };
    expect(made.key).toMatch(/^lk_/);
    const listed = await lectern(['keys', 'list', '--json']);
    expect(listed.stdout).toContain(made.id);
    expect(listed.stdout).not.toContain(made.key);
    expect((await lectern(['keys', 'revoke', made.id])).code).toBe(0);
    expect((await lectern(['keys', 'revoke', '0'.repeat(16)])).code).toBe(5);
    expect((await lectern(['keys', 'create', '--tenant', 'No Good'])).code).toBe(6);
  });

  it('examines the machine', async () => {
    const { findings } = JSON.parse((await lectern(['doctor', '--json'])).stdout) as { findings: { check: string; state: string }[] };
    expect(new Set(findings.map(({ check }) => check))).toEqual(
      new Set(['node', 'ffmpeg', 'temporal', 'models', 'python3', 'api', 'disk']),
    );
    expect(findings.find(({ check }) => check === 'api')).toMatchObject({ state: 'ok' });
  });

  it('lists models that are not here', async () => {
    const { stdout } = await lectern(['models', 'list', '--json']);
    const { speechModel, models } = JSON.parse(stdout) as { speechModel: string; models: { name: string; isChosen?: boolean }[] };
    expect([speechModel, models.filter((model) => model.isChosen).map(({ name }) => name)]).toEqual(['whisper-base', ['whisper-base']]);
    const offline = await lectern(['models', 'pull', 'silero-vad'], { LECTERN_OFFLINE: '1' });
    expect([offline.code, offline.stderr]).toEqual([5, expect.stringContaining('silero-vad')]);
  });
});

describe('speakers and voiceprints', () => {
  /** A lecture whose first speaker has the same voice in each. */
  async function storeLecture(number: number): Promise<string> {
    const sha256 = number.toString(16).padStart(64, '0');
    const lectureId = toLectureId(OWN_TENANT, sha256);
    const word = { text: 'Welcome.', startSeconds: 0, endSeconds: 61, confidence: 0.9, speaker: 'S1', speakerSource: 'smoothed' };
    const turns = [{ speaker: 'S1', startSeconds: 0, endSeconds: 61, words: [word] }];
    const transcript = { language: 'en', durationSeconds: 61, speakers: ['S1', 'S2'], roles: { S1: 'lecturer' }, turns };
    const artifacts = {
      transcript: artifactKey(OWN_TENANT, lectureId, 'align', sha256),
      voices: artifactKey(OWN_TENANT, lectureId, 'voices', sha256),
    };
    const model = { name: 'campplus', revision: '1', precision: 'fp32' };
    const vector = encodeVoice(Float32Array.of(1, 0));
    await api.artifacts.write({ key: artifacts.transcript }, transcript);
    await api.artifacts.write({ key: artifacts.voices }, { model, voices: [{ speaker: 'S1', cleanSeconds: 61, vector }] });
    const now = new Date().toISOString();
    const media = { key: mediaKey(OWN_TENANT, lectureId), sha256, bytes: 1 };
    const state = { state: 'ready' as const, createdAt: now, updatedAt: now, speakerNames: {}, degraded: [] };
    await api.lectures.create({ tenantId: OWN_TENANT, lectureId, metadata: {}, media, artifacts, ...state });
    return lectureId;
  }

  // Fifteen processes, each a second or more to start.
  it('enrols a voice, suggests its name elsewhere, confirms it, and deletes it', { timeout: 300_000 }, async () => {
    const [known, other] = [await storeLecture(1), await storeLecture(2)];
    expect(await lectern(['voiceprints', 'enrol', known, 'S1', '--name', 'Ines'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('lectern settings --voiceprints on') as string,
    });
    expect((await lectern(['settings', '--voiceprints', 'on'])).stdout).toMatch(/^voiceprints +on$/m);
    const { voiceprintId } = JSON.parse((await lectern(['voiceprints', 'enrol', known, 'S1', '--name', 'Ines', '--json'])).stdout) as {
      voiceprintId: string;
    };
    expect((await lectern(['voiceprints', 'list'])).stdout).toMatch(new RegExp(`${voiceprintId} +Ines +\\S+ +1:01 +${known}`));
    expect((await lectern(['speakers', other])).stdout).toMatch(/S1 +lecturer +1:01 +1 +Ines \(1\.00\)\nS2 +0:00 +0/);
    expect((await lectern(['speakers', other, '--name', 'S1=Ines Noether'])).stdout).toMatch(/S1 +Ines Noether +lecturer +1:01 +1\n/);
    expect((await lectern(['transcript', other])).stdout).toContain('**Ines Noether**');
    expect((await lectern(['transcript', other, '--format', 'tsv'])).stdout).toContain('0.000\t61.000\tS1\tsmoothed\t0.900\tWelcome.');
    expect((await lectern(['speakers', other, '--unname', 'S1'])).stdout).toContain('Ines (1.00)');
    expect((await lectern(['speakers', other, '--name', 'Ines'])).code).toBe(2);
    expect((await lectern(['speakers', other, '--name', 'S3=Ines'])).code).toBe(5);
    expect((await lectern(['voiceprints', 'delete', voiceprintId])).stdout).toBe(`${voiceprintId}: deleted\n`);
    expect((await lectern(['settings', '--voiceprints', 'off'])).stdout).toMatch(/^voiceprints +off$/m);
    expect((await lectern(['voiceprints', 'list'])).stdout).toBe('no voiceprints yet\n');
  });
});

describe('what goes wrong', () => {
  it.each([
    ['wrong usage', ['ingest'], {}, 2, /missing required argument/],
    ['an unknown command', ['inject'], {}, 2, /unknown command/],
    ['a format that is none', ['transcript', 'x', '--format', 'exe'], {}, 2, /Allowed choices/],
    ['no API', ['jobs'], { LECTERN_URL: 'http://127.0.0.1:1' }, 3, /cannot be reached/],
    ['no stack on this machine', ['jobs'], { LECTERN_URL: '' }, 3, /no Lectern runs/],
    ['no key', ['jobs'], { LECTERN_API_KEY: '' }, 4, /no API key/],
    ['a wrong key', ['ingest', '/etc/hostname'], { LECTERN_API_KEY: 'lk_wrong' }, 4, /not valid/],
    ['an unknown lecture', ['transcript', `lec_${'0'.repeat(24)}`], {}, 5, /nothing of this id/],
    ['a model folder that is not there', ['models', 'pull'], { LECTERN_ASR_MODEL: '/nowhere/model' }, 5, /no such folder/],
    ['a model that is not known', ['models', 'pull'], { LECTERN_ASR_MODEL: 'whisper-huge' }, 5, /no speech model is named whisper-huge/],
    ['a bad configuration', ['jobs'], { LECTERN_PORT: 'x' }, 6, /LECTERN_PORT/],
  ])('exits for %s', async (_, args, environment, code, message) => {
    const ended = await lectern(args, environment);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(message);
    expect(ended.stdout).toBe('');
  });

  it('tells errors as one JSON document too', async () => {
    const { stdout } = await lectern(['jobs', '--json'], { LECTERN_API_KEY: 'lk_wrong' });
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: 'unauthorized' } });
  });

  it('documents the exit codes', async () => {
    const { code, stdout } = await lectern(['--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Exit codes:')]);
  });
});
