import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';

const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
/** Of other workflows and ways, each in a folder of its own. */
const KEPT = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.includes('/') && path.endsWith('.json'))
  .sort();

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

  it('hold retries, of one ingest and of many', () => {
    expect(KEPT.filter((path) => path.startsWith('retry/'))).toEqual(['retry/all.json', 'retry/ingest.json', 'retry/stopped.json']);
  });

  it('hold erasures: at once, in a second round, and given up', () => {
    const erasures = ['erase/at-once.json', 'erase/second-round.json', 'erase/written-into.json'];
    expect(KEPT.filter((path) => path.startsWith('erase/'))).toEqual(erasures);
  });

  it.each(KEPT)('%s, kept with the id it ran under, replays on the workflows of today', async (path) => {
    const { workflowId, history } = JSON.parse(read(path)) as { workflowId: string; history: unknown };
    await expect(Worker.runReplayHistory({ workflowBundle, replayName: path }, history, workflowId)).resolves.toBeUndefined();
  });

  it('would not replay with the stages in another order', async () => {
    const swapped = read('completed.json').replaceAll('"align"', '"swap"').replaceAll('"chunk"', '"align"').replaceAll('"swap"', '"chunk"');
    await expect(replay(swapped, 'swapped')).rejects.toThrow(/nondeterminism|determinism/i);
  });
});
