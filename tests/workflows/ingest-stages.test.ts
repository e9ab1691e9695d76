import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import type { IngestInput } from '../../contracts/ingest.ts';
import { LectureVoicesSchema } from '../../contracts/voiceprints.ts';
import type { Contextualizer } from '../../inference/contextualizer.ts';
import { createArtifactStore } from '../../storage/artifacts.ts';
import { isVoicesKey } from '../../storage/keys.ts';
import { createTenantSettingsStore } from '../../storage/tenant-settings.ts';
import { createCpuActivities, createGpuActivities, type CpuDeps, type GpuDeps } from '../../worker/create-activities.ts';
import { startIngestRunner, until, type IngestHandle, type IngestRunner } from './ingest-runner.ts';
import { openRealStores, type RealStores } from './real-stores.ts';
import { createScriptedModels, loadable, type ScriptedModels } from './scripted-models.ts';
import { makeWav } from './wav.ts';

let runner: IngestRunner;
let stores: RealStores;
let models: ScriptedModels;
beforeAll(async () => {
  runner = await startIngestRunner();
  stores = await openRealStores();
});
afterAll(async () => {
  await runner.close();
  await stores.close();
});
beforeEach(() => {
  models = createScriptedModels();
});

/** Recordings differ in their pitch, so that each test has a lecture of its own. */
let pitch = 200;
const recording = (seconds = 2) => makeWav(seconds, (pitch += 10));

const withIngest = <T>(input: IngestInput, work: (handle: IngestHandle) => Promise<T>, changed: Partial<CpuDeps & GpuDeps> = {}) => {
  const deps = { ...stores.deps(models), ...changed };
  return runner.withIngest({ cpu: createCpuActivities(deps), gpu: createGpuActivities(deps) }, input, work);
};
const finish = (input: IngestInput, changed?: Partial<CpuDeps & GpuDeps>) => withIngest(input, (handle) => handle.result(), changed);
const lectureOf = ({ tenantId, lectureId }: IngestInput) => stores.lectures.get(tenantId, lectureId);
const spooled = () => (existsSync(stores.spoolDir) ? readdirSync(stores.spoolDir) : []);

describe('an ingest over real stores', () => {
  it('ends with a generation that readers find and a lecture that says so', async () => {
    const input = await stores.upload(recording());
    const result = await finish(input);
    const lecture = await lectureOf(input);
    expect(lecture).toMatchObject({ state: 'ready', generation: result.generation, language: 'en', durationSeconds: 2 });
    expect(lecture?.degraded).toEqual([{ stage: 'contextualize', reason: 'no language model configured' }]);
    expect(await stores.index.activeGeneration('demo', input.lectureId)).toBe(result.generation);
    const [hits] = await stores.index.search('demo', [{ leg: 'bm25', limit: 5, text: 'checksum' }], { lectureIds: [input.lectureId] });
    expect(hits).toHaveLength(1);
    expect(spooled()).toEqual([]);
  });

  it('runs no stage twice for the same recording', async () => {
    const input = await stores.upload(recording());
    const first = await finish(input);
    expect(models.calls.toSorted()).toEqual(['detect', 'diarize', 'embed', 'transcribe']);
    models.calls.length = 0;
    const second = await finish(input);
    expect(models.calls).toEqual([]);
    expect(second.computed).toEqual([]);
    expect(second.generation).toBe(first.generation);
    expect(second.reused).toEqual(['prepare', 'detectSpeech', 'transcribe', 'diarize', 'align', 'chunk', 'embed', 'index']);
  });

  it('transcribes anew with another model, and says which one it was', async () => {
    const input = await stores.upload(recording());
    await finish(input);
    expect((await lectureOf(input))?.transcribedBy).toEqual([{ name: 'transcriber', revision: '1', precision: 'script' }]);
    models.calls.length = 0;
    const known = await models.transcriber.load();
    const { reused } = await finish(input, { transcriber: loadable({ ...known, model: { ...known.model, revision: '2' } }) });
    // It heard the same words: their passages have their vectors.
    expect(models.calls).toEqual(['transcribe']);
    expect(reused).toEqual(['prepare', 'detectSpeech', 'diarize']);
    expect((await lectureOf(input))?.transcribedBy).toEqual([{ name: 'transcriber', revision: '2', precision: 'script' }]);
  });

  it('keeps voices for a tenant that has opted in only, and measures them later without doing more again', async () => {
    const settings = createTenantSettingsStore(stores.objects);
    const input = await stores.upload(recording());
    await finish(input);
    expect(models.calls).not.toContain('measureVoices');
    expect((await lectureOf(input))?.artifacts.voices).toBeUndefined();

    await settings.update('demo', { voiceprints: true });
    models.calls.length = 0;
    const second = await finish(input);
    expect(models.calls).toEqual(['measureVoices']);
    expect(second.computed).toEqual(['diarize']);
    const voicesKey = (await lectureOf(input))?.artifacts.voices ?? '';
    const { voices } = await createArtifactStore({ objects: stores.objects }).read({ key: voicesKey }, LectureVoicesSchema);
    expect(voices.map(({ speaker, cleanSeconds }) => [speaker, cleanSeconds])).toEqual([['S1', 9]]);

    models.calls.length = 0;
    expect((await finish(input)).reused).toContain('diarize');
    expect(models.calls).toEqual([]);

    await settings.update('demo', { voiceprints: false });
    await finish(input);
    expect((await lectureOf(input))?.artifacts.voices).toBeUndefined();
  });

  it('has a language model situate passages for a tenant that has chosen so, goes on where that one failed, and says what is missing', async () => {
    const settings = createTenantSettingsStore(stores.objects);
    const input = await stores.upload(recording());
    const contextOf = async () => {
      const [hits] = await stores.index.search('demo', [{ leg: 'bm25', limit: 1, text: 'checksum' }], { lectureIds: [input.lectureId] });
      const [chunk] = await stores.index.getChunks(
        'demo',
        hits!.map(({ chunkId }) => chunkId),
      );
      return chunk?.context;
    };
    const asked: string[] = [];
    let isGone = true;
    const contextualizer: Contextualizer = {
      name: 'scripted/model#1',
      batchSize: 1,
      estimateTokens: () => 1,
      async situate({ title }, passages) {
        asked.push(title ?? '');
        if (isGone) throw new LecternError('model-missing', 'the server has no such model');
        return passages.map(() => 'About checksums in codes.');
      },
    };
    await finish(input, { contextualizer });
    expect(asked).toEqual([]);
    expect(await contextOf()).toBe('Codes');
    expect((await lectureOf(input))?.degraded).toEqual([]);

    await settings.update('demo', { languageModelContexts: true });
    await finish(input, { contextualizer });
    const reason = 'a language model situated 0 of 1 passages, headers the rest: the server has no such model';
    expect((await lectureOf(input))?.degraded).toEqual([{ stage: 'contextualize', reason }]);
    expect(await contextOf()).toBe('Codes');

    isGone = false;
    await finish(input, { contextualizer });
    expect((await lectureOf(input))?.degraded).toEqual([]);
    expect(await contextOf()).toBe('About checksums in codes.');
    expect((await finish(input, { contextualizer })).reused).toContain('contextualize');
    expect(asked).toEqual(['Codes', 'Codes']);
    await settings.update('demo', { languageModelContexts: false });
  });

  it('moves the names that people gave along when a newer diarizer labels the speakers otherwise', async () => {
    const input = await stores.upload(recording());
    const diarizer = await models.diarizer.load();
    const labelled = (revision: string, first: string, second: string) => {
      const turns = [
        { speaker: first, startSeconds: 0, endSeconds: 1.4 },
        { speaker: second, startSeconds: 1.4, endSeconds: 2 },
      ];
      const diarize = async () => ({ speakers: ['S1', 'S2'], turns, exclusiveTurns: turns });
      return { diarizer: loadable({ ...diarizer, model: { ...diarizer.model, revision }, diarize }) };
    };
    await finish(input, labelled('2', 'S1', 'S2'));
    await stores.lectures.update(input.tenantId, input.lectureId, (lecture) => ({ ...lecture, speakerNames: { S1: 'Ines', S2: 'Tom' } }));
    await finish(input, labelled('3', 'S2', 'S1'));
    expect((await lectureOf(input))?.speakerNames).toEqual({ S2: 'Ines', S1: 'Tom' });
    const [hits] = await stores.index.search('demo', [{ leg: 'bm25', limit: 5, text: 'checksum' }], {
      lectureIds: [input.lectureId],
      speakers: ['Ines'],
    });
    const [chunk] = await stores.index.getChunks(
      'demo',
      hits!.map(({ chunkId }) => chunkId),
    );
    expect(chunk).toMatchObject({ speaker: 'S2', speakerName: 'Ines' });
  });

  it('keeps no voice when the tenant changes its mind while they are measured', async () => {
    const settings = createTenantSettingsStore(stores.objects);
    await settings.update('demo', { voiceprints: true });
    const input = await stores.upload(recording());
    const diarizer = await models.diarizer.load();
    const measureVoices: typeof diarizer.measureVoices = async (...asked) => {
      await settings.update('demo', { voiceprints: false });
      return diarizer.measureVoices(...asked);
    };
    await finish(input, { diarizer: { ...models.diarizer, load: async () => ({ ...diarizer, measureVoices }) } });
    const stored: string[] = [];
    for await (const { key } of stores.objects.list('tenants/demo/')) stored.push(key);
    expect(stored.filter((key) => key.includes(input.lectureId) && isVoicesKey(key))).toEqual([]);
  });

  it('goes on after a failure where it was', async () => {
    const input = await stores.upload(recording());
    const missing = async () => {
      throw new LecternError('model-missing', 'minilm-l6-int8 is not there', { cure: 'Run `lectern models pull`.' });
    };
    await expect(finish(input, { embedder: { identity: missing, load: missing } })).rejects.toThrow(WorkflowFailedError);
    expect(await lectureOf(input)).toMatchObject({
      state: 'failed',
      failure: { kind: 'model-missing', stage: 'embed', message: 'minilm-l6-int8 is not there. Run `lectern models pull`.' },
    });
    models.calls.length = 0;
    const result = await finish(input);
    expect(models.calls).toEqual(['embed']);
    expect(result.computed).toEqual(['embed', 'index']);
    expect((await lectureOf(input))?.failure).toBeUndefined();
  });

  it('gives silence a sensible end: ready, nothing to find, said so', async () => {
    const input = await stores.upload(makeWav(3, 0));
    const result = await finish(input);
    expect(result).toMatchObject({ chunks: 0, language: 'und', speakers: null });
    expect(await lectureOf(input)).toMatchObject({ state: 'ready', durationSeconds: 3 });
    expect(result.degraded).toContainEqual({ stage: 'detectSpeech', reason: 'no speech was found in this recording' });
  });

  it.each([
    ['text named .mp3', Buffer.from('This is no recording, whatever it is called.')],
    ['a truncated header', makeWav(1, 300).subarray(0, 20)],
  ])('refuses %s at its first attempt and stays alive', async (_, bytes) => {
    const input = await stores.upload(bytes);
    await expect(finish(input)).rejects.toThrow(WorkflowFailedError);
    expect(await lectureOf(input)).toMatchObject({ state: 'failed', failure: { kind: 'unsupported-media', stage: 'prepare' } });
    expect(spooled()).toEqual([]);
  });

  it('leaves neither rows nor temporary files when it is cancelled while it writes the index', async () => {
    const input = await stores.upload(recording());
    const generations: string[] = [];
    const slow = new Proxy(stores.index, {
      get(target, name) {
        if (name !== 'writeChunks') {
          const value = Reflect.get(target, name) as (...values: unknown[]) => unknown;
          return value.bind(target);
        }
        return async (...values: Parameters<typeof target.writeChunks>) => {
          await target.writeChunks(...values);
          generations.push(values[2]);
          await sleep(8_000);
        };
      },
    });
    await withIngest(
      input,
      async (handle) => {
        await until(() => generations.length > 0);
        await handle.cancel();
        await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
      },
      { index: slow },
    );
    expect(await lectureOf(input)).toMatchObject({ state: 'cancelled' });
    expect(await stores.index.activeGeneration('demo', input.lectureId)).toBeNull();
    expect(generations).toHaveLength(1);
    expect(await stores.index.countChunks('demo', input.lectureId, generations[0]!)).toBe(0);
    expect(spooled()).toEqual([]);
  });

  it('keeps deleted what was deleted while it ran', async () => {
    const input = await stores.upload(recording());
    const embedder = {
      ...models.embedder,
      load: async () => {
        await stores.lectures.delete(input.tenantId, input.lectureId);
        return models.embedder.load();
      },
    };
    await expect(finish(input, { embedder })).rejects.toThrow(WorkflowFailedError);
    expect(await stores.index.activeGeneration('demo', input.lectureId)).toBeNull();
    expect(await lectureOf(input)).toBeUndefined();
  });

  it('takes a full disk for something that may pass, and gives up in time', async () => {
    const input = await stores.upload(recording());
    let tries = 0;
    const full: CpuDeps['measureWaveform'] = async () => {
      tries += 1;
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    await withIngest(
      input,
      async (handle) => {
        await until(() => tries >= 2);
        await handle.cancel();
        await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
      },
      { measureWaveform: full },
    );
    expect(tries).toBeGreaterThanOrEqual(2);
    expect(spooled()).toEqual([]);
  });
});
