import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuActivities, IngestProgress } from '../../contracts/ingest.ts';
import { FAILURE_MEMO, PROGRESS_QUERY } from '../../contracts/stages.ts';
import { createFakeActivities, untilCancelled, type FakeActivities } from './fake-activities.ts';
import { ingestInput, startIngestRunner, until, type IngestHandle, type IngestRunner } from './ingest-runner.ts';

const MAX_HISTORY_BYTES = 256 * 1024;

let runner: IngestRunner;
beforeAll(async () => {
  runner = await startIngestRunner();
});
afterAll(async () => runner.close());

const finish = (fakes: FakeActivities, input = ingestInput()) => runner.withIngest(fakes, input, (handle) => handle.result());

/** The typed failure of a run that must fail. */
async function failureOf(handle: IngestHandle): Promise<ApplicationFailure> {
  const error = await handle.result().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const cause = (error as WorkflowFailedError).cause;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

function piecesOf({ calls }: FakeActivities): Parameters<GpuActivities['transcribePiece']>[0][] {
  return calls
    .filter(({ name }) => name === 'transcribePiece')
    .map(({ input }) => input as Parameters<GpuActivities['transcribePiece']>[0]);
}

describe('ingestLecture', () => {
  it('goes the way of a lecture and records that it is ready', async () => {
    const fakes = createFakeActivities();
    const result = await finish(fakes);
    expect(result).toMatchObject({ chunks: 12, language: 'en', speakers: 3, degraded: [], reused: [] });
    expect(result.computed).toEqual([
      'prepare',
      'detectSpeech',
      'transcribe',
      'diarize',
      'align',
      'chunk',
      'contextualize',
      'embed',
      'index',
    ]);
    expect(fakes.outcomes).toMatchObject([{ state: 'ready', generation: result.generation, language: 'en', durationSeconds: 900 }]);
    expect(fakes.discarded).toEqual([]);
  });

  it('computes nothing where every artifact is there', async () => {
    const result = await finish(createFakeActivities({ reused: true }));
    expect(result.computed).toEqual([]);
    expect(result.reused).toHaveLength(9);
  });

  it('lets the first piece find the language, and the others expect it', async () => {
    const fakes = createFakeActivities();
    await finish(fakes);
    expect(piecesOf(fakes).map(({ language, expectedLanguage }) => [language, expectedLanguage])).toEqual([
      [null, null],
      [null, 'en'],
      [null, 'en'],
    ]);
  });

  it('tells every piece where the vocabulary lies', async () => {
    const fakes = createFakeActivities();
    const vocabulary = { key: 'artifacts/vocabulary', digest: 'v' };
    await finish(fakes, { ...ingestInput(), vocabulary });
    expect(piecesOf(fakes).map((piece) => piece.vocabulary)).toEqual([vocabulary, vocabulary, vocabulary]);
  });

  it('asks no piece for a language that was given', async () => {
    const fakes = createFakeActivities();
    await finish(fakes, ingestInput({ language: 'de' }));
    expect(piecesOf(fakes).map(({ language }) => language)).toEqual(['de', 'de', 'de']);
  });

  it('gives a recording without speech a sensible end', async () => {
    const fakes = createFakeActivities({ pieces: [] });
    const result = await finish(fakes);
    expect(result.degraded).toContainEqual({ stage: 'detectSpeech', reason: 'no speech was found in this recording' });
    expect(fakes.calls.map(({ name }) => name)).not.toContain('diarize');
    expect(fakes.outcomes).toMatchObject([{ state: 'ready' }]);
  });

  it('says once that a smaller model transcribed, however many pieces it was', async () => {
    const reason = "whisper-medium on CUDA transcribed: whisper-large-v3 on CUDA did not fit into the device's memory";
    const transcribePiece: GpuActivities['transcribePiece'] = async ({ piece }) => {
      const degradations = piece.startSeconds === 0 ? {} : { degradations: [reason] };
      return { artifact: { key: `k${piece.startSeconds}`, digest: 'd' }, reused: false, language: 'en', words: 700, ...degradations };
    };
    const fakes = createFakeActivities({ gpu: { transcribePiece } });
    const result = await finish(fakes);
    expect(result.degraded).toEqual([{ stage: 'transcribe', reason }]);
    expect(fakes.outcomes).toMatchObject([{ state: 'ready', degraded: [{ stage: 'transcribe', reason }] }]);
  });

  it('says so when no language model gives context', async () => {
    const contextualize = async () => ({ artifact: { key: 'k', digest: 'd' }, reused: false, contextualized: false });
    const fakes = createFakeActivities({ cpu: { contextualize } });
    const result = await finish(fakes);
    expect(result.degraded).toEqual([{ stage: 'contextualize', reason: 'no language model configured' }]);
    expect(fakes.calls.find(({ name }) => name === 'embed')?.input).toMatchObject({ contexts: { key: 'k' } });
  });

  it('goes on with unknown speakers when diarization fails', async () => {
    const fakes = createFakeActivities({
      gpu: {
        diarize: async () => {
          throw ApplicationFailure.nonRetryable('segmentation-3.0 is missing: pull it', 'model-missing');
        },
      },
    });
    const result = await finish(fakes);
    expect(result).toMatchObject({ speakers: null, degraded: [{ stage: 'diarize', reason: 'segmentation-3.0 is missing: pull it' }] });
    expect(fakes.calls.find(({ name }) => name === 'align')?.input).toMatchObject({ diarization: null });
  });

  it('retries what is transient', async () => {
    let attempts = 0;
    const fakes = createFakeActivities({
      cpu: {
        align: async () => {
          attempts += 1;
          if (attempts < 3) throw ApplicationFailure.retryable('object store is away', 'unavailable');
          return { artifact: { key: 'k', digest: 'd' }, reused: false };
        },
      },
    });
    await finish(fakes);
    expect(attempts).toBe(3);
  });

  it('fails typed, with the stage in memo and search attribute, after one attempt at bad input', async () => {
    let attempts = 0;
    const fakes = createFakeActivities({
      cpu: {
        prepare: async () => {
          attempts += 1;
          throw ApplicationFailure.retryable('the file holds no audio', 'unsupported-media');
        },
      },
    });
    await runner.withIngest(fakes, ingestInput(), async (handle) => {
      const failure = await failureOf(handle);
      expect(failure).toMatchObject({ type: 'unsupported-media', message: 'prepare: the file holds no audio' });
      const expected = { kind: 'unsupported-media', stage: 'prepare', message: 'the file holds no audio' };
      expect(failure.details).toEqual([expected]);
      const description = await handle.describe();
      expect(description.memo).toMatchObject({ [FAILURE_MEMO]: expected });
      expect(description.typedSearchAttributes.get({ name: 'LecternStage', type: 'KEYWORD' })).toBe('prepare');
      expect(fakes.outcomes).toEqual([{ state: 'failed', ...expected }]);
      expect(attempts).toBe(1);
    });
  });

  it('discards the generation when index fails, and stops the other pieces when one fails', async () => {
    const fakes = createFakeActivities({
      cpu: {
        index: async () => {
          throw ApplicationFailure.nonRetryable('another generation was activated', 'conflict');
        },
      },
    });
    await runner.withIngest(fakes, ingestInput(), async (handle) => {
      expect(await failureOf(handle)).toMatchObject({ type: 'conflict' });
      expect(fakes.discarded).toEqual(['g1-embed0000000000000000000']);
    });

    let cancelled = 0;
    const pieces = createFakeActivities({
      gpu: {
        transcribePiece: async ({ piece }) => {
          if (piece.startSeconds === 300) throw ApplicationFailure.nonRetryable('broken', 'invalid-input');
          return untilCancelled().finally(() => (cancelled += 1));
        },
      },
    });
    await runner.withIngest(pieces, ingestInput({ language: 'en' }), async (handle) => {
      expect(await failureOf(handle)).toMatchObject({ type: 'invalid-input', message: 'transcribe: broken' });
      expect(cancelled).toBe(2);
    });
  });

  it.each(['prepare', 'transcribePiece', 'diarize', 'chunk', 'index'])('leaves nothing when cancelled during %s', async (stage) => {
    const blocked = { [stage]: untilCancelled };
    const fakes = createFakeActivities(['transcribePiece', 'diarize'].includes(stage) ? { gpu: blocked } : { cpu: blocked });
    await runner.withIngest(fakes, ingestInput(), async (handle) => {
      await until(() => fakes.calls.some(({ name }) => name === stage));
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(fakes.outcomes).toEqual([{ state: 'cancelled' }]);
      expect(fakes.discarded).toEqual(stage === 'index' ? ['g1-embed0000000000000000000'] : []);
    });
  });

  it('ends ready when the cancellation comes after readers see the generation', async () => {
    let cancel: () => Promise<unknown> = async () => undefined;
    const fakes: FakeActivities = createFakeActivities({
      cpu: {
        index: async () => {
          await cancel();
          return { generation: 'g1-late', chunks: 12, reused: false };
        },
      },
    });
    await runner.withIngest(fakes, ingestInput(), async (handle) => {
      cancel = () => handle.cancel();
      await handle.result();
      expect(fakes.outcomes).toMatchObject([{ state: 'ready', generation: 'g1-late' }]);
    });
  });

  it('answers where it is, while it runs', async () => {
    const fakes = createFakeActivities({ gpu: { diarize: untilCancelled } });
    await runner.withIngest(fakes, ingestInput(), async (handle) => {
      await until(() => fakes.calls.some(({ name }) => name === 'joinTranscription'));
      const progress = await handle.query<IngestProgress>(PROGRESS_QUERY);
      expect(progress.stages.find(({ stage }) => stage === 'prepare')?.state).toBe('done');
      expect(progress.stages.find(({ stage }) => stage === 'transcribe')).toMatchObject({ done: 3, total: 3 });
      expect(progress.stages.find(({ stage }) => stage === 'diarize')?.state).toBe('running');
      await handle.cancel();
    });
  });

  it('keeps references only in a small history, even of three hours', async () => {
    const fakes = createFakeActivities({ pieces: Array.from({ length: 36 }, (_, piece) => piece * 300) });
    await runner.withIngest(fakes, ingestInput(), async (handle) => {
      await handle.result();
      const { historySize } = await handle.describe();
      const history = historyToJSON(await handle.fetchHistory());
      expect(historySize).toBeGreaterThan(1_000);
      expect(historySize).toBeLessThan(MAX_HISTORY_BYTES);
      expect(history.length).toBeGreaterThan(1_000);
    });
  });

  it('sends search attributes, priority and fairness key', async () => {
    await runner.withIngest(createFakeActivities(), ingestInput({ priority: 'high' }), async (handle) => {
      await handle.result();
      const description = await handle.describe();
      const attribute = (name: string) => description.typedSearchAttributes.get({ name, type: 'KEYWORD' });
      expect(attribute('LecternTenant')).toBe('demo');
      expect(attribute('LecternCourse')).toBe('PSY-110');
      expect(attribute('LecternStage')).toBe('ready');
      expect(description.priority).toMatchObject({ priorityKey: 1, fairnessKey: 'demo' });
    });
  });
});
