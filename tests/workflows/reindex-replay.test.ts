import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';

const FOLDER = fileURLToPath(new URL('./histories/reindex/', import.meta.url));
const NAMES = readdirSync(FOLDER);

let workflowBundle: { codePath: string };
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await ensureWorkflowBundle(parseConfig(process.env).LECTERN_CACHE);
});

/** A re-index reads its id from its workflow's, so the history is replayed under the one it ran under. */
const replay = (text: string, replayName: string) => {
  const { workflowId, history } = JSON.parse(text) as { workflowId: string; history: unknown };
  return Worker.runReplayHistory({ workflowBundle, replayName }, history, workflowId);
};
const read = (name: string) => readFileSync(`${FOLDER}${name}`, 'utf8');

describe('stored histories of re-indexes', () => {
  it('hold a run of every path', () => {
    expect(NAMES).toEqual(['cancelled.json', 'continued.json', 'dropped.json', 'keepWayBack.json', 'reindexLecture.json', 'swapped.json']);
  });

  it.each(NAMES)('%s replays on the workflows of today', async (name) => {
    await expect(replay(read(name), name)).resolves.toBeUndefined();
  });

  it('would not replay with another activity where the swap is', async () => {
    await expect(replay(read('swapped.json').replaceAll('"swapReindex"', '"closeReindex"'), 'other')).rejects.toThrow(/determinism/i);
  });
});
