import { describe, expect, it } from 'vitest';
import { toFoundPassage, toStageContext } from '../found-passage.fixture.ts';
import type { FoundPassage } from '../read-passages.ts';
import type { SearchStage, StageContext } from '../search-stage.ts';
import { createManualClock, type ManualClock } from './manual-clock.fixture.ts';
import { runStages } from './run-stages.ts';
import { createStageCosts, type StageCosts } from './stage-costs.ts';

const found = ['a', 'b', 'c'].map((text, ordinal) => toFoundPassage(text, { ordinal }));
const textsOf = (passages: readonly FoundPassage[]): string => passages.map(({ chunk }) => chunk.text).join('');

/** Turns the order round and takes `tookMs` for it. */
function turning(name: string, clock: ManualClock, tookMs: number): SearchStage {
  return {
    name,
    wants: (limit) => limit,
    run: (passages) => {
      clock.advance(tookMs);
      return Promise.resolve(passages.toReversed());
    },
  };
}

/** Takes for ever, and does not heed the signal. */
const endless: SearchStage = { name: 'endless', wants: (limit) => limit, run: () => new Promise(() => undefined) };

async function run(
  stages: readonly SearchStage[],
  clock: ManualClock,
  budgetMs = Infinity,
  costs: StageCosts = createStageCosts(),
  context: StageContext = toStageContext(),
): Promise<{ texts: string; skipped: string[]; done: string[] }> {
  const done: string[] = [];
  const deadlineMs = clock.now() + budgetMs;
  const { passages, skipped } = await runStages(stages, found, context, { clock, deadlineMs, costs }, (stage) => done.push(stage));
  return { texts: textsOf(passages), skipped, done };
}

describe('runStages', () => {
  it('runs every stage where there is no budget, however long it takes', async () => {
    const clock = createManualClock();
    const stages = [turning('one', clock, 5_000), turning('two', clock, 5_000), turning('three', clock, 5_000)];
    expect(await run(stages, clock)).toEqual({ texts: 'cba', skipped: [], done: ['one', 'two', 'three'] });
  });

  it('leaves out what its own last runs say will be late, and still runs what is cheap', async () => {
    const clock = createManualClock();
    const costs = createStageCosts();
    const stages = [turning('dear', clock, 80), turning('cheap', clock, 2)];
    await run(stages, clock, Infinity, costs);
    expect(await run(stages, clock, 50, costs)).toEqual({ texts: 'cba', skipped: ['dear'], done: ['cheap'] });
    expect(await run(stages, clock, 100, costs)).toEqual({ texts: 'abc', skipped: [], done: ['dear', 'cheap'] });
  });

  it('leaves out everything when the first pass has used the budget up', async () => {
    const clock = createManualClock();
    expect(await run([turning('one', clock, 1), turning('two', clock, 1)], clock, 0)).toEqual({
      texts: 'abc',
      skipped: ['one', 'two'],
      done: [],
    });
  });

  it('cuts off a stage that is late after all, and answers with the order before it', async () => {
    const clock = createManualClock();
    const running = run([turning('one', clock, 10), endless], clock, 100);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(90);
    expect(await running).toEqual({ texts: 'cba', skipped: ['endless'], done: ['one', 'endless'] });
  });

  it('does not begin again what was cut off, until it has been left out often enough to be worth another try', async () => {
    const clock = createManualClock();
    const costs = createStageCosts();
    const first = run([endless], clock, 100, costs);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
    await first;
    for (let times = 0; times < 7; times++) expect((await run([endless], clock, 100, costs)).done).toEqual([]);
    expect((await run([turning('endless', clock, 20)], clock, 100, costs)).done).toEqual(['endless']);
  });

  it('cuts off a stage that heeds the signal', async () => {
    const clock = createManualClock();
    const heeding: SearchStage = {
      name: 'heeding',
      wants: (limit) => limit,
      run: async (passages, { signal }) => {
        clock.advance(200);
        signal?.throwIfAborted();
        return Promise.resolve(passages.toReversed());
      },
    };
    expect(await run([heeding], clock, 100)).toMatchObject({ texts: 'abc', skipped: ['heeding'] });
  });

  it('hands on a failure, and the end of a question that nobody waits for any more', async () => {
    const clock = createManualClock();
    const failing: SearchStage = { ...endless, run: () => Promise.reject(new Error('the index is away')) };
    await expect(run([failing], clock, 100)).rejects.toThrow('the index is away');
    const gone = toStageContext({ signal: AbortSignal.abort(new Error('the reader left')) });
    const heeding: SearchStage = { ...endless, run: async (_, { signal }) => Promise.reject(signal?.reason as Error) };
    await expect(run([heeding], clock, 100, createStageCosts(), gone)).rejects.toThrow('the reader left');
  });
});

describe('createStageCosts', () => {
  it('covers nine of ten of the last runs, and forgets those before', () => {
    const costs = createStageCosts();
    expect(costs.estimateMs('any')).toBe(0);
    for (let ms = 1; ms <= 10; ms++) costs.ran('any', ms);
    expect(costs.estimateMs('any')).toBe(9);
    for (let times = 0; times < 32; times++) costs.ran('any', 3);
    expect(costs.estimateMs('any')).toBe(3);
  });
});
