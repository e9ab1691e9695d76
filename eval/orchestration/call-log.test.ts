import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { coveredMs, logCalls, readCalls } from './call-log.ts';

it('logs calls that answer later, failed ones too, and leaves the rest alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-calls-'));
  const file = join(folder, 'calls.jsonl');
  try {
    expect(await readCalls(file)).toEqual([]);
    const model = logCalls(
      { name: 'm', count: (text: string) => text.length, embed: async (text: string) => [text.length] },
      'embedder',
      file,
    );
    expect([model.name, model.count('four'), await model.embed('four')]).toEqual(['m', 4, [4]]);
    const failing = logCalls({ detect: () => Promise.reject(new Error('no')) }, 'detector', file);
    await expect(failing.detect()).rejects.toThrow('no');
    expect((await readCalls(file)).map(({ name }) => name)).toEqual(['embedder.embed', 'detector.detect']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('counts time under way once, within the bounds', () => {
  const call = (fromMs: number, toMs: number) => ({ name: 'x', fromMs, toMs });
  expect(coveredMs([call(30, 40), call(0, 20), call(10, 15), call(18, 25)], 5, 35)).toBe(25);
  expect(coveredMs([call(0, 5), call(50, 60)], 10, 40)).toBe(0);
  expect(coveredMs([], 0, 10)).toBe(0);
});
