import { expect, it } from 'vitest';
import { ProblemSchema } from '../../contracts/api.ts';
import { ask, startTestApi, upload } from './test-api.ts';

it('refuses the questions of a key beyond its limit, and of no other tenant', async () => {
  // No Temporal there: nothing that is asked here needs it.
  const api = await startTestApi('127.0.0.1:1', 1 << 20, { requests: 0, uploads: 0, questions: 4 });
  try {
    const body = JSON.stringify({ question: 'What is a checksum?' });
    const question = (key: string) =>
      ask(api.url, key, '/api/v1/query', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const answers = [await question(api.apiKeys.own), await question(api.apiKeys.own), await question(api.apiKeys.own)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await question(api.apiKeys.foreign)).status).toBe(200);
    expect((await ask(api.url, api.apiKeys.own, '/api/v1/lectures')).status).toBe(200);
  } finally {
    await api.close();
  }
});

it('lets a client hear that it uploads too much, however large its upload is', async () => {
  const api = await startTestApi('127.0.0.1:1', 1 << 20, { requests: 0, uploads: 2, questions: 0 });
  try {
    const key = api.apiKeys.own;
    // Refused for what it holds: counted all the same.
    expect((await upload(api.url, { key, fields: { priority: 'unheard of' } })).status).toBe(400);
    const refused = await upload(api.url, { key, content: new Uint8Array(20_000_000) });
    expect(refused.status).toBe(429);
    expect(ProblemSchema.parse(await refused.json())).toMatchObject({ kind: 'rate-limited' });
  } finally {
    await api.close();
  }
});
