import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import type { Contextualizer } from '../inference/contextualizer.ts';
import { createArtifactStore, type ArtifactStore } from '../storage/artifacts.ts';
import { openFilesystemObjectStore } from '../storage/filesystem-object-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { situatePassages, type ContextBudget } from './situate-passages.ts';

let folder: string;
let objects: ObjectStore;
let artifacts: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-situate-'));
  objects = await openFilesystemObjectStore(folder);
  artifacts = createArtifactStore({ objects });
});
afterEach(async () => {
  await objects.close();
  await rm(folder, { recursive: true });
});

const id = { tenantId: 'demo', lectureId: 'lec_0123456789abcdef01234567', stage: 'contextualize', version: 1, inputs: ['a'] };
const passages = ['one', 'two', 'three', 'four', 'five'].map((text) => ({ startSeconds: 0, speaker: null, text, before: '' }));
const AMPLE: ContextBudget = { seconds: 60, tokens: 1_000 };

/** Two passages a call, ten tokens each; `before` may refuse a call. */
function contextualizer(before: (call: number) => void = () => undefined): Contextualizer & { asked: string[][] } {
  const asked: string[][] = [];
  return {
    name: 'scripted/model#1',
    batchSize: 2,
    asked,
    estimateTokens: (_, batch) => batch.length * 10,
    async situate(_, batch) {
      asked.push(batch.map(({ text }) => text));
      before(asked.length);
      return batch.map(({ text }) => `About ${text}.`);
    },
  };
}

function situate(model: Contextualizer, budget = AMPLE, signal = new AbortController().signal) {
  const done: unknown[] = [];
  const run = { signal, progress: (details: object) => void done.push(details) };
  return situatePassages({ artifacts, contextualizer: model, budget }, { id, outline: { topics: [] }, passages }, run).then((result) => ({
    ...result,
    done,
  }));
}

describe('situatePassages', () => {
  it('goes through the lecture in batches and tells how far it is', async () => {
    const model = contextualizer();
    const { contexts, shortfall, done } = await situate(model);
    expect(contexts).toEqual(['About one.', 'About two.', 'About three.', 'About four.', 'About five.']);
    expect(shortfall).toBeUndefined();
    expect(model.asked).toEqual([['one', 'two'], ['three', 'four'], ['five']]);
    expect(done.at(-1)).toEqual({ doneChunks: 5, totalChunks: 5 });
  });

  it('goes on where an attempt before it was ended', async () => {
    const controller = new AbortController();
    const ended = contextualizer((call) => {
      if (call === 2) controller.abort(new Error('the worker stops'));
      controller.signal.throwIfAborted();
    });
    await expect(situate(ended, AMPLE, controller.signal)).rejects.toThrow('the worker stops');
    const model = contextualizer();
    expect((await situate(model)).contexts).toHaveLength(5);
    expect(model.asked).toEqual([['three', 'four'], ['five']]);
  });

  it('says what is missing once the model is gone for good, and keeps what there is', async () => {
    const model = contextualizer((call) => {
      if (call === 2) throw new LecternError('model-missing', 'the server has no such model');
    });
    expect(await situate(model)).toMatchObject({ contexts: ['About one.', 'About two.'], shortfall: 'the server has no such model' });
    expect(model.asked).toHaveLength(2);
  });

  it('tries again what is unavailable for a moment', async () => {
    const model = contextualizer((call) => {
      if (call === 1) throw new LecternError('unavailable', 'restarting');
    });
    expect(await situate(model)).toMatchObject({ contexts: { length: 5 } });
    expect(model.asked[1]).toEqual(['one', 'two']);
  });

  it('spends no more tokens than its budget, whatever is kept already', async () => {
    const budget = { seconds: 60, tokens: 45 };
    const first = await situate(contextualizer(), budget);
    const model = contextualizer();
    const second = await situate(model, budget);
    expect([first.contexts.length, second.contexts.length]).toEqual([4, 4]);
    expect(second.shortfall).toContain('45 tokens');
    expect(model.asked).toEqual([]);
  });

  it('asks for nothing when its time is over, but takes what is kept', async () => {
    const over = { seconds: 0, tokens: 1_000 };
    expect(await situate(contextualizer(), over)).toMatchObject({ contexts: [], shortfall: 'its budget of 0 s is spent' });
    await situate(contextualizer());
    expect((await situate(contextualizer(), over)).contexts).toHaveLength(5);
  });

  it('leaves failures of the stores to whoever tries activities again', async () => {
    await expect(
      situatePassages(
        {
          artifacts: { ...artifacts, write: () => Promise.reject(new LecternError('out-of-resources', 'the store is full')) },
          contextualizer: contextualizer(),
          budget: AMPLE,
        },
        { id, outline: { topics: [] }, passages },
        { signal: new AbortController().signal, progress: () => undefined },
      ),
    ).rejects.toThrow('the store is full');
  });
});
