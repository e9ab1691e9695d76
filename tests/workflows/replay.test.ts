import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';

const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

let workflowBundle: { codePath: string };
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await ensureWorkflowBundle(parseConfig(process.env).LECTERN_CACHE);
});

const read = (name: string) => readFileSync(`${FOLDER}${name}`, 'utf8');
const replay = (history: string, name: string) =>
  Worker.runReplayHistory({ workflowBundle, replayName: name }, JSON.parse(history), 'demo/lec_0123456789abcdef01234567/ingest');

describe('stored histories', () => {
  it('hold a run of every path', () => {
    expect(NAMES).toEqual([
      'all-pieces-at-once.json',
      'cancelled.json',
      'completed.json',
      'degraded.json',
      'failed.json',
      'long.json',
      'silent.json',
      'voices.json',
    ]);
  });

  it.each(NAMES)('%s replays on the workflow of today', async (name) => {
    await expect(replay(read(name), name)).resolves.toBeUndefined();
  });

  it('would not replay with the stages in another order', async () => {
    const swapped = read('completed.json').replaceAll('"align"', '"swap"').replaceAll('"chunk"', '"align"').replaceAll('"swap"', '"chunk"');
    await expect(replay(swapped, 'swapped')).rejects.toThrow(/nondeterminism|determinism/i);
  });
});
