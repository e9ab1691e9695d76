import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWav } from '../workflows/wav.ts';
import { startFaultStack, TENANTS, type FaultStack } from './fault-stack.ts';
import { pitchWord } from './tones.ts';
import { untilTrue } from './until-true.ts';

const TENANT = TENANTS[0];
const SECONDS = 60;
const LATENCY_MS = 5_000;

let stack: FaultStack;
beforeAll(async () => {
  stack = await startFaultStack({ index: 'qdrant', workers: 1, pieceMs: 200 });
});
afterAll(() => stack?.close());

const client = () => stack.clients[TENANT];

/** Each question another one: the cache of questions has its own tests. */
let asked = 0;
async function ask(hertz: number): Promise<Response> {
  asked += 1;
  return client().ask('/api/v1/query', {
    method: 'POST',
    body: JSON.stringify({ question: `What does ${pitchWord(hertz)} explain in part ${asked}?` }),
    headers: { 'content-type': 'application/json' },
  });
}

async function ingested(hertz: number): Promise<void> {
  const { jobId } = await client().ingest(makeWav(SECONDS, hertz), `index-${hertz}`);
  expect(await client().untilEnded(jobId)).toMatchObject({ state: 'completed' });
}

async function untilAnswered(hertz: number): Promise<void> {
  await untilTrue('questions are answered', async () => {
    const response = await ask(hertz);
    return response.ok && ((await response.json()) as { hits: unknown[] }).hits.length > 0;
  });
}

it('fault 5: while the index is away questions are refused as such, never answered with "no evidence", and an ingest waits', async () => {
  await ingested(600);
  await untilAnswered(600);
  await stack.links.index!.cut();
  const refused = await ask(600);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect(await refused.json()).toMatchObject({ kind: 'unavailable' });

  const { jobId, lectureId } = await client().ingest(makeWav(SECONDS, 610), 'index-610');
  const stageOf = async () => (await (await client().ask(`/api/v1/jobs/${jobId}`)).json()) as { state: string; stage?: string };
  await untilTrue('the ingest has come to the index', async () => (await stageOf()).stage === 'index');
  expect(await stageOf()).toMatchObject({ state: 'running' });
  expect(await client().lecture(lectureId)).toMatchObject({ state: 'processing' });

  await stack.links.index!.heal();
  expect(await client().untilEnded(jobId)).toMatchObject({ state: 'completed' });
  await untilAnswered(610);
});

it('fault 6: an index that answers 5 s late is given up on, then left alone; what needs no index is served', async () => {
  await ingested(620);
  await untilAnswered(620);
  await stack.links.index!.slow(LATENCY_MS);
  const details: string[] = [];
  await untilTrue('the breaker is open', async () => {
    const response = await ask(620);
    expect(response.status).toBe(503);
    const problem = (await response.json()) as { kind: string; detail: string };
    expect(problem.kind).toBe('unavailable');
    details.push(problem.detail);
    return problem.detail.includes('left alone');
  });
  expect(details[0]).toContain('did not answer within 4 s');
  expect((await client().ask('/api/v1/lectures')).status).toBe(200);
  await stack.links.index!.heal();
  await untilAnswered(620);
});
