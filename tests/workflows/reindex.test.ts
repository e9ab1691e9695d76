import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import type { LectureId } from '../../contracts/identity.ts';
import { reindexWorkflowId, wayBackWorkflowId } from '../../contracts/reindex-workflow.ts';
import { contentsOf, PRIORITY_KEYS } from '../../contracts/stages.ts';
import { createReindexNotes } from '../../storage/reindex-notes.ts';
import { openReindexBench, SEMESTER, TENANT, until, type ReindexBench } from './reindex-bench.ts';

/** Of `temporal.api.enums.v1.VersioningBehavior`. */
const AUTO_UPGRADE = 2;

let bench: ReindexBench;
beforeAll(async () => {
  bench = await openReindexBench();
});
afterAll(() => bench.close());
afterEach(() => bench.stopWorkers());

describe('a re-index of a semester', () => {
  it('computes nothing for unchanged lectures, and changes nothing', async () => {
    await bench.startWorkers();
    const before = await bench.served(bench.ids);
    const { handle } = await bench.startReindex();
    expect(await handle.result()).toMatchObject({ state: 'unchanged', lectures: 5, unchanged: 5, staged: 0, computedStages: 0 });
    expect(bench.models.calls).toEqual([]);
    expect(await bench.served(bench.ids)).toEqual(before);
  });

  it('is begun by a schedule, which can be paused, resumed, triggered, backfilled and deleted', async () => {
    await bench.startWorkers();
    const scheduleId = 'yearly';
    const yearly = { scheduleId, semester: SEMESTER, cron: '0 0 1 1 *', timezone: 'Europe/Berlin', paused: true };
    const made = await bench.schedules.create(TENANT, { ...yearly, window: 2, margin: 0.05, hold: 'unmeasured', wayBackDays: 3 });
    expect(made).toMatchObject({
      scheduleId,
      paused: true,
      options: { window: 2, margin: 0.05, hold: 'unmeasured', wayBackDays: 3 },
      recent: [],
    });
    await expect(bench.schedules.create(TENANT, { ...yearly, ...made.options! })).rejects.toMatchObject({ kind: 'conflict' });
    for (const wrong of [{ cron: '61 0 1 1 *' }, { timezone: 'Nowhere/No' }]) {
      const refused = bench.schedules.create(TENANT, { ...yearly, ...made.options!, scheduleId: 'wrong', ...wrong });
      await expect(refused).rejects.toMatchObject({ kind: 'invalid-input', cure: 'Correct the cron expression or the time zone.' });
    }
    await until(async () => (await bench.schedules.list(TENANT)).some((listed) => listed.scheduleId === scheduleId));
    expect(await bench.schedules.list('other')).toEqual([]);

    await bench.schedules.trigger(TENANT, scheduleId);
    const startedBy = async (count: number) => {
      await until(async () => (await bench.schedules.get(TENANT, scheduleId)).recent.length >= count);
      return (await bench.schedules.get(TENANT, scheduleId)).recent.map(({ reindexId }) => reindexId);
    };
    const [reindexId = ''] = await startedBy(1);
    await until(async () => (await bench.reindexes.get(TENANT, reindexId)).state === 'unchanged');
    const { raw } = await bench.runner.client.workflow.getHandle(reindexWorkflowId(TENANT, reindexId)).describe();
    expect(raw.workflowExecutionInfo?.priority).toMatchObject({ priorityKey: PRIORITY_KEYS.low, fairnessKey: TENANT });
    await until(async () => (await bench.reindexes.list(TENANT)).some((listed) => listed.reindexId === reindexId));
    await expect(bench.reindexes.get('other', reindexId)).rejects.toMatchObject({ kind: 'not-found' });

    await bench.schedules.backfill(TENANT, scheduleId, { from: '2024-12-31T00:00:00Z', to: '2026-01-02T00:00:00Z' });
    expect(await startedBy(3)).toHaveLength(3);
    expect((await bench.schedules.resume(TENANT, scheduleId)).nextAt[0]).toMatch(/-12-31T23:00:00/);
    expect((await bench.schedules.pause(TENANT, scheduleId)).paused).toBe(true);
    for (const id of await startedBy(3)) await until(async () => !(await bench.reindexes.get(TENANT, id)).isRunning);
    await bench.schedules.delete(TENANT, scheduleId);
    await expect(bench.schedules.get(TENANT, scheduleId)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('swaps all lectures at once, keeps to its window, continues as new, and goes back in one step', async () => {
    const before = await bench.served(bench.ids);
    let running = 0;
    let most = 0;
    const seen = new Set<string>();
    const embedder = await bench.newerEmbedder(async () => {
      most = Math.max(most, (running += 1));
      for (const generation of await bench.served(bench.ids)) seen.add(generation);
      running -= 1;
    });
    await bench.startWorkers(embedder);
    const { reindexId, handle } = await bench.startReindex({ window: 1 }, 3);
    const result = await handle.result();
    expect(result).toMatchObject({ state: 'swapped', lectures: 5, staged: 5, computedStages: 10, swapped: 5, left: 0, evaluation: null });
    expect(bench.models.calls).toEqual(bench.ids.map(() => 'embed'));
    expect(most).toBe(1);
    expect([...seen].toSorted()).toEqual(before.toSorted());
    const first = await bench.runner.client.workflow
      .getHandle(handle.workflowId, handle.firstExecutionRunId, { followRuns: false })
      .describe();
    expect(first.status.name).toBe('CONTINUED_AS_NEW');

    const after = await bench.served(bench.ids);
    expect(after.some((generation) => before.includes(contentsOf(generation)))).toBe(false);
    expect(await bench.documented(bench.ids)).toEqual(after);
    expect(await bench.ask('checksum')).toEqual(bench.ids);

    expect(await bench.reindexes.get(TENANT, reindexId)).toMatchObject({ state: 'swapped', canRollBack: true, isRunning: false });
    await expect(bench.reindexes.rollBack('other', reindexId)).rejects.toMatchObject({ kind: 'not-found' });
    await bench.reindexes.rollBack(TENANT, reindexId);
    expect(await bench.served(bench.ids)).toEqual(before);
    expect(await bench.documented(bench.ids)).toEqual(before);
    await bench.runner.client.workflow.getHandle(wayBackWorkflowId(TENANT, reindexId)).result();
    expect(await bench.stores.index.countChunks(TENANT, bench.ids[0]!, after[0]!)).toBe(0);
    expect(await bench.reindexes.get(TENANT, reindexId)).toMatchObject({
      state: 'rolledBack',
      canRollBack: false,
      rolledBack: { moved: 5, left: 0 },
    });
    await expect(bench.reindexes.rollBack(TENANT, reindexId)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('holds a swap that would make search worse, and drops or swaps as a person says', async () => {
    const before = await bench.served(bench.ids);
    await bench.measureBy(bench.ids[0]!);
    // An edit that nobody has published: the re-index brings it, and with it a lecture that no longer answers by its words.
    await bench.edit(bench.ids[0]!, 'nonsense');
    await bench.startWorkers(await bench.newerEmbedder());
    const { handle } = await bench.startReindex();
    const held = await bench.untilState(handle, 'held');
    expect(held.evaluation).toMatchObject({ questions: 1, before: { ndcg10: 1, hitRate: 1 } });
    expect(held.heldBecause).toMatch(/^nDCG@10 fell from 1\.000 to 0\.\d{3}/);
    expect(await bench.served(bench.ids)).toEqual(before);
    await bench.decide(handle, 'drop');
    expect(await handle.result()).toMatchObject({ state: 'dropped' });
    await expect(bench.decide(handle, 'swap')).rejects.toMatchObject({ kind: 'conflict' });
    expect(await bench.served(bench.ids)).toEqual(before);

    const again = await bench.startReindex();
    await bench.untilState(again.handle, 'held');
    await bench.decide(again.handle, 'swap');
    expect(await again.handle.result()).toMatchObject({ state: 'swapped', swapped: 5 });
    expect(await bench.ask('nonsense')).toEqual([bench.ids[0]]);
  });

  it('leaves a lecture that fails as it was, and asks a person before the others are swapped', async () => {
    const before = await bench.served(bench.ids);
    let embedded = 0;
    const embedder = await bench.newerEmbedder(async () => {
      if ((embedded += 1) === 1) throw new LecternError('invalid-input', 'these words cannot be embedded');
    });
    await bench.startWorkers(embedder);
    const { reindexId, handle } = await bench.startReindex({ window: 1, margin: 1 });
    const held = await bench.untilState(handle, 'held');
    expect(held).toMatchObject({ staged: 4, failed: 1, heldBecause: '1 of 5 lectures failed; a swap leaves them as they were' });
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect(await createReindexNotes(bench.stores.objects).noted(TENANT, reindexId)).toEqual([]);
    expect(await bench.served(bench.ids)).toEqual(before);
  });

  it('keeps deleted what is deleted while it is being re-indexed', async () => {
    const gone = bench.ids.pop()!;
    const embedder = await bench.newerEmbedder(async () => {
      await bench.stores.index.deleteLecture(TENANT, gone);
      await bench.stores.lectures.delete(TENANT, gone);
    });
    await bench.startWorkers(embedder);
    const { handle } = await bench.startReindex({ margin: 1 });
    expect(await handle.result()).toMatchObject({ state: 'swapped', staged: 4, gone: 1, failed: 0 });
    expect(await bench.served([gone])).toEqual([]);
    expect((await bench.served(bench.ids)).every((generation) => generation.includes('.r'))).toBe(true);
    const left: string[] = [];
    for await (const { key } of bench.stores.objects.list(`tenants/${TENANT}/lectures/${gone}/`)) left.push(key);
    expect(left).toEqual([]);
  });

  it('ends right with a lecture deleted, one ingested and one edited before the swap', async () => {
    const [deleted, ingested, edited, left] = bench.ids as [LectureId, LectureId, LectureId, LectureId];
    await bench.startWorkers(await bench.newerEmbedder());
    const { reindexId, handle } = await bench.startReindex({ hold: 'always' });
    const held = await bench.untilState(handle, 'held');
    expect(held).toMatchObject({ staged: 4, heldBecause: 'every re-index of this schedule is held' });

    await bench.stores.index.deleteLecture(TENANT, deleted);
    await bench.stores.lectures.delete(TENANT, deleted);
    await bench.startWorkers(await bench.newerEmbedder());
    const { media } = (await bench.stores.lectures.get(TENANT, ingested))!;
    await (await bench.runner.start({ tenantId: TENANT, lectureId: ingested, media, options: { priority: 'normal' } })).result();
    await bench.edit(edited, 'parity');
    await bench.publish(edited);
    const newest = await bench.served([ingested, edited]);

    await bench.decide(handle, 'swap');
    expect(await handle.result()).toMatchObject({ state: 'swapped', swapped: 1, left: 3 });
    expect(await bench.served([ingested, edited])).toEqual(newest);
    expect(await bench.served([deleted])).toEqual([]);
    expect(await bench.stores.lectures.get(TENANT, deleted)).toBeUndefined();
    expect(await bench.documented([left])).toEqual(await bench.served([left]));
    expect(await bench.ask('parity')).toEqual([edited]);
    await bench.reindexes.rollBack(TENANT, reindexId);
    await bench.runner.client.workflow.getHandle(wayBackWorkflowId(TENANT, reindexId)).result();
    expect((await bench.reindexes.get(TENANT, reindexId)).rolledBack).toEqual({ moved: 1, left: 3 });
    expect(await bench.served([ingested, edited])).toEqual(newest);
  });

  // The last one: from here on the server gives new runs to workers of a build only.
  it('moves to the current build while it waits, where runs are pinned to theirs', async () => {
    const stop = await bench.startBuild();
    const { handle } = await bench.startReindex({ margin: 1 });
    expect((await handle.result()).failed).toBe(0);
    const { raw } = await handle.describe();
    expect(raw.workflowExecutionInfo?.versioningInfo).toMatchObject({ behavior: AUTO_UPGRADE });
    await stop();
  });
});
