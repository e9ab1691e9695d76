import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IngestAcceptedSchema, JobSchema, type IngestAccepted } from '../../contracts/api.ts';
import { parseConfig } from '../../contracts/config.ts';
import { ingestWorkflowId, splitJobId } from '../../contracts/identity.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { findPromtool } from '../support/promtool.ts';
import { makeWav } from '../workflows/wav.ts';
import { startObservedStack, type LogLine, type ObservedStack } from './observed-stack.ts';

// Whatever people write, say or keep secret holds this word: no log line may.
const PLANTED = 'planted';
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const STAGES = ['prepare', 'detectSpeech', 'transcribePiece', 'diarize', 'align', 'chunk', 'contextualize', 'embed', 'index'];

let stack: ObservedStack;
let good: IngestAccepted & { requestId: string };
let bad: IngestAccepted & { requestId: string };
let history: object;
let metrics: { api: string; worker: string };

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${stack.apiUrl}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${stack.key}`, ...(init.headers as Record<string, string>) },
  });
}

async function ingest(content: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<typeof good> {
  const form = new FormData();
  form.set('title', `${PLANTED} title`);
  form.set('course', `${PLANTED}-course`);
  form.set('vocabulary', `${PLANTED} term, other`);
  form.set('file', new Blob([content]), `${PLANTED}.wav`);
  const response = await ask('/api/v1/ingest', { method: 'POST', body: form, headers });
  expect(response.status, await response.clone().text()).toBe(202);
  const accepted = IngestAcceptedSchema.parse(await response.json());
  const readState = async () => JobSchema.parse(await (await ask(`/api/v1/jobs/${accepted.jobId}`)).json()).state;
  await until(async () => (await readState()) !== 'running');
  return { ...accepted, requestId: response.headers.get('x-request-id') ?? '' };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`in vain: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

beforeAll(async () => {
  stack = await startObservedStack();
  good = await ingest(new Uint8Array(makeWav(12, 300)), { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` });
  bad = await ingest(new Uint8Array(Buffer.from(`${PLANTED}, and no recording`)));
  await ask(`/api/v1/lectures?limit=1&x=${PLANTED}`);
  await ask(`/api/v1/${PLANTED}`);
  await ask(`/api/v1/lectures/${PLANTED}`);
  await ask('/api/v1/query', { method: 'POST', body: `{"question": ${PLANTED}`, headers: { 'content-type': 'application/json' } });
  await fetch(`${stack.apiUrl}/api/v1/lectures`, { headers: { authorization: `Bearer lk_${PLANTED}` } });

  const connection = await Connection.connect({ address: stack.temporalAddress });
  const client = new Client({ connection });
  const { runId } = splitJobId(good.jobId);
  const handle = client.workflow.getHandle(ingestWorkflowId(stack.tenantId, good.lectureId), runId);
  history = JSON.parse(historyToJSON(await handle.fetchHistory())) as object;
  // Visibility trails the runs by a moment.
  await until(async () => (await client.workflow.count(`ExecutionStatus IN ('Completed', 'Failed')`)).count === 2);
  await connection.close();
  const readText = async (url: string) => (await fetch(url)).text();
  // A scrape does not wait long for what has to be asked for; the next one has it.
  await until(async () => (await readText(`${stack.apiUrl}/metrics`)).includes('lectern_jobs{'));
  metrics = { api: await readText(`${stack.apiUrl}/metrics`), worker: await readText(stack.metricsUrl) };
  await stack.stop();
});
afterAll(() => stack?.close());

describe('the log', () => {
  const ofStages = (): LogLine[] => stack.readLog('worker').filter((line) => 'stage' in line || 'activityId' in line);

  it('tells of every line of an activity whose it is, which job, stage and attempt, and which request asked for it', () => {
    const lines = ofStages();
    const ended = lines.filter(({ msg, jobId }) => msg === 'stage ended' && jobId === good.jobId).map(({ stage }) => stage);
    expect(new Set(ended)).toEqual(new Set([...STAGES, 'joinTranscription', 'recordOutcome']));
    for (const line of lines) {
      const { jobId, lectureId, requestId } = line['jobId'] === good.jobId ? good : bad;
      expect(line, JSON.stringify(line)).toMatchObject({ tenantId: stack.tenantId, jobId, lectureId, requestId });
      expect(line, JSON.stringify(line)).toMatchObject({
        stage: expect.any(String),
        attempt: expect.any(Number),
        traceId: expect.any(String),
      });
    }
  });

  it('binds a request, its workflow and its activities by one request id and the trace id that came with it', () => {
    const accepted = stack.readLog('api').filter(({ msg }) => msg === 'ingest accepted');
    expect(accepted[0]).toMatchObject({ requestId: good.requestId, traceId: TRACE_ID, jobId: good.jobId, tenantId: stack.tenantId });
    const ofWorkflow = stack.readLog('worker').filter((line) => line['workflowType'] === 'ingestLecture' && !('activityId' in line));
    expect(ofWorkflow.length).toBeGreaterThan(0);
    const ids = { jobId: good.jobId, requestId: good.requestId, traceId: TRACE_ID, tenantId: stack.tenantId };
    for (const line of ofWorkflow.filter(({ jobId }) => jobId !== bad.jobId)) expect(line).toMatchObject(ids);
    expect(ofStages().find(({ jobId }) => jobId === good.jobId)).toMatchObject({ traceId: TRACE_ID });
  });

  it('names the failure of a run by stage and kind', () => {
    expect(ofStages().find(({ msg, jobId }) => msg === 'stage ended' && jobId === bad.jobId)).toMatchObject({
      stage: 'prepare',
      outcome: 'unsupported-media',
    });
  });

  it('tells routes by their pattern, and nothing that anybody wrote, said or keeps secret', () => {
    const requests = stack.readLog('api').filter(({ msg }) => msg === 'request');
    expect(requests).toContainEqual(expect.objectContaining({ method: 'GET', route: '/api/v1/lectures', status: 401 }));
    expect(requests).toContainEqual(expect.objectContaining({ route: 'unmatched', status: 404 }));
    expect(requests).toContainEqual(expect.objectContaining({ route: '/api/v1/jobs/:jobId', status: 200, jobId: good.jobId }));
    for (const text of [stack.logs.api, stack.logs.worker]) {
      expect(text.length).toBeGreaterThan(1_000);
      for (const secret of [PLANTED, 'every single', 'checksum finds', stack.key]) {
        expect(text.split('\n').find((line) => line.includes(secret))).toBeUndefined();
      }
    }
  });
});

describe('the metrics', () => {
  it.each(['api', 'worker'] as const)('of the %s keep the rules of the text format', async (name) => {
    expect(() => parsePrometheusText(metrics[name])).not.toThrow();
    const promtool = await findPromtool(parseConfig(process.env).LECTERN_CACHE);
    if ('missing' in promtool) {
      console.log(`not checked by promtool: ${promtool.missing}`);
      return;
    }
    const ours = metrics[name].replaceAll(/^(# (HELP|TYPE) )?temporal_.*\n/gm, '');
    expect(await checkMetrics(promtool.path, ours)).toBe('');
  });

  it('count stages by how they ended, their waits, bytes and real-time factor', () => {
    const families = parsePrometheusText(metrics.worker);
    const find = (family: string, sample: string, labels: Record<string, string>) =>
      families
        .get(family)
        ?.samples.find(
          (each) => each.name === `${family}${sample}` && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
        )?.value;
    for (const stage of STAGES) {
      expect(find('lectern_stage_duration_seconds', '_count', { stage, outcome: 'computed' }), stage).toBe(1);
      expect(find('lectern_stage_queue_wait_seconds', '_count', { stage }), stage).toBe(stage === 'prepare' ? 2 : 1);
    }
    expect(find('lectern_stage_failures_total', '', { stage: 'prepare', kind: 'unsupported-media' })).toBe(1);
    expect(find('lectern_stage_audio_seconds_total', '', { stage: 'prepare' })).toBeCloseTo(12, 1);
    expect(find('lectern_stage_real_time_factor_ratio', '_count', { stage: 'transcribePiece' })).toBe(1);
    expect(find('lectern_stage_bytes_total', '', { stage: 'prepare', direction: 'written' })).toBeGreaterThanOrEqual(12 * 32_000);
    expect(find('lectern_ingests_ended_total', '', { outcome: 'ready' })).toBe(1);
    expect(find('lectern_ingests_ended_total', '', { outcome: 'failed', kind: 'unsupported-media' })).toBe(1);
    expect(find('lectern_ingest_duration_ratio', '_count', {})).toBe(1);
    expect(find('temporal_num_pollers', '', { task_queue: 'lectern-gpu' })).toBeGreaterThan(0);
  });

  it('count requests, uploads and jobs, and name no tenant and no lecture', () => {
    const families = parsePrometheusText(metrics.api);
    for (const state of ['completed', 'failed']) {
      expect(families.get('lectern_jobs')?.samples).toContainEqual(expect.objectContaining({ labels: { state }, value: 1 }));
    }
    const uploaded = families.get('lectern_http_upload_bytes_total')?.samples[0]?.value;
    expect(uploaded).toBe(makeWav(12, 300).length + `${PLANTED}, and no recording`.length);
    const accepted = { method: 'POST', route: '/api/v1/ingest', status: '202' };
    expect(families.get('lectern_http_requests_total')?.samples).toContainEqual(expect.objectContaining({ labels: accepted, value: 2 }));
    for (const text of Object.values(metrics)) expect(text).not.toMatch(/lec_|watched-uni/);
  });
});

describe('the traces', () => {
  it('hold one of the ingest, from the request through the workflow to every stage', () => {
    const trace = stack.spans.filter(({ traceId }) => traceId === TRACE_ID);
    const find = (name: string) => trace.find((span) => span.name === name);
    const request = find('POST /api/v1/ingest');
    expect(request).toMatchObject({ service: 'lectern-api', parentSpanId: '00f067aa0ba902b7' });
    expect(find('StartWorkflow:ingestLecture')).toMatchObject({ service: 'lectern-api', parentSpanId: request?.spanId });
    expect(find('RunWorkflow:ingestLecture')).toMatchObject({
      service: 'lectern-worker',
      parentSpanId: find('StartWorkflow:ingestLecture')?.spanId,
    });
    for (const stage of STAGES) {
      const started = find(`StartActivity:${stage}`);
      expect(started?.parentSpanId, stage).toBe(find('RunWorkflow:ingestLecture')?.spanId);
      expect(find(`RunActivity:${stage}`)?.parentSpanId, stage).toBe(started?.spanId);
    }
  });

  it('change nothing that a history holds: those made with spans and without replay on either bundle', async () => {
    const folder = fileURLToPath(new URL('../workflows/histories/', import.meta.url));
    const recorded = ['completed.json', 'cancelled.json', 'voices.json'];
    const cache = parseConfig(process.env).LECTERN_CACHE;
    const replay = async (isTraced: boolean, name: string, told: object) =>
      Worker.runReplayHistory(
        { workflowBundle: await ensureWorkflowBundle(cache, { isTraced }), replayName: name },
        told,
        'watched-uni/replayed/ingest',
      );
    for (const name of recorded) {
      await expect(replay(true, name, JSON.parse(readFileSync(`${folder}${name}`, 'utf8')) as object), name).resolves.toBeUndefined();
    }
    await expect(replay(true, 'traced', history)).resolves.toBeUndefined();
    await expect(replay(false, 'traced', history)).resolves.toBeUndefined();
  });
});

/** What `promtool check metrics` has to say. */
function checkMetrics(promtool: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(promtool, ['check', 'metrics'], (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve(stdout + stderr);
    });
    child.stdin?.end(text);
  });
}
