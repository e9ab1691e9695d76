import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import { toActivity } from './activity.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const mockEnvironment = (info: { attempt: number; heartbeatDetails?: unknown } = { attempt: 1 }) =>
  new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });

describe('toActivity', () => {
  it('heartbeats every 5 s with the latest progress, and no longer when done', async () => {
    const environment = mockEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (details) => beats.push(details));
    const activity = toActivity<number, string>(async (seconds, run) => {
      run.progress({ doneSeconds: 1 });
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      return 'done';
    });
    const running = environment.run(activity, 11);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await running).toBe('done');
    expect(beats).toEqual([{ doneSeconds: 1 }, { doneSeconds: 1 }]);
  });

  it('goes on from the progress of the attempt before, and never back', async () => {
    const environment = mockEnvironment({ attempt: 2, heartbeatDetails: { doneSeconds: 120, totalSeconds: 300 } });
    const beats: unknown[] = [];
    environment.on('heartbeat', (details) => beats.push(details));
    const activity = toActivity<null, void>(async (_input, run) => {
      for (const doneSeconds of [0, 90, 180]) {
        await new Promise((resolve) => setTimeout(resolve, 6_000));
        run.progress({ doneSeconds, totalSeconds: 300 });
      }
      await new Promise((resolve) => setTimeout(resolve, 6_000));
    });
    const running = environment.run(activity, null);
    await vi.advanceTimersByTimeAsync(24_000);
    await running;
    expect(beats).toEqual([120, 120, 120, 180].map((doneSeconds) => ({ doneSeconds, totalSeconds: 300 })));
  });

  it('ends as cancelled, whatever the aborted step threw', async () => {
    const environment = mockEnvironment();
    const activity = toActivity<null, void>(async (_input, { signal }) => {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new LecternError('internal', 'the engine was stopped')));
      });
    });
    const ended = environment.run(activity, null).catch((caught: unknown) => caught);
    environment.cancel();
    expect(await ended).toBeInstanceOf(CancelledFailure);
  });

  it('turns errors into typed failures', async () => {
    const environment = mockEnvironment();
    const activity = toActivity<null, void>(async () => {
      throw new LecternError('unsupported-media', 'a playlist, not a recording');
    });
    const error = await environment.run(activity, null).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({ type: 'unsupported-media', nonRetryable: true });
  });
});
