import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import { createApiClient } from './api-client.ts';
import { withinLimits } from './within-limits.ts';

const PROBLEM = {
  type: 'about:blank',
  title: 'Too many requests',
  status: 429,
  detail: 'too many',
  kind: 'rate-limited',
  instance: 'urn:x',
};

it('asks again after the time that the API names', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    if (asked < 3) response.writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '0' }).end(JSON.stringify(PROBLEM));
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ lectures: [], nextCursor: null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const api = createApiClient({ url, apiKey: 'lk_test', signal: new AbortController().signal });
    expect(await api.listLectures({})).toEqual({ lectures: [], nextCursor: null });
    expect(asked).toBe(3);
  } finally {
    server.close();
  }
});

it('tells how long it waits, and waits for no other refusal', async () => {
  const { signal } = new AbortController();
  const waits: number[] = [];
  const refusals = [new LecternError('rate-limited', 'too many', { details: { retryAfterSeconds: 0.01 } })];
  const work = async () => {
    const refusal = refusals.pop();
    if (refusal !== undefined) throw refusal;
    return 'done';
  };
  expect(await withinLimits(signal, work, (seconds) => waits.push(seconds))).toBe('done');
  expect(waits).toEqual([0.01]);
  await expect(withinLimits(signal, () => Promise.reject(new LecternError('unavailable', 'away')))).rejects.toThrow('away');
});
