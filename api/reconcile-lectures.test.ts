import type { WorkflowExecutionInfo } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { Lecture } from '../contracts/lecture.ts';
import { toSettled } from './reconcile-lectures.ts';

const UPDATED = Date.parse('2026-11-21T12:00:00Z');
const SOON = UPDATED + 1_000;
const LATE = UPDATED + 3_600_000;

const lecture: Lecture = {
  tenantId: 'tum',
  lectureId: `lec_${'1'.repeat(24)}`,
  metadata: {},
  media: { key: 'k', sha256: 'a'.repeat(64), bytes: 1 },
  state: 'processing',
  createdAt: new Date(UPDATED).toISOString(),
  updatedAt: new Date(UPDATED).toISOString(),
  speakerNames: {},
  artifacts: {},
  degraded: [],
};
const run = (name: string, closedMs?: number, startMs = UPDATED - 5_000): WorkflowExecutionInfo =>
  ({
    status: { name },
    startTime: new Date(startMs),
    searchAttributes: { LecternStage: ['embed'] },
    ...(closedMs === undefined ? {} : { closeTime: new Date(closedMs) }),
  }) as unknown as WorkflowExecutionInfo;

describe('toSettled', () => {
  it.each([
    ['TERMINATED', { state: 'failed', failure: { kind: 'internal', stage: 'embed', message: 'its run was terminated by hand' } }],
    ['TIMED_OUT', { state: 'failed', failure: { kind: 'unavailable', stage: 'embed' } }],
    ['CANCELLED', { state: 'cancelled' }],
  ])('ends a lecture whose run was %s', (name, expected) => {
    expect(toSettled(lecture, run(name, SOON), SOON)).toMatchObject(expected);
  });

  it('takes what the run wrote of itself', () => {
    const failure = { kind: 'out-of-resources', stage: 'embed', message: 'the disk is full' };
    const failed = { ...run('FAILED', SOON), memo: { lecternFailure: failure } };
    expect(toSettled(lecture, failed, SOON)).toMatchObject({ state: 'failed', failure });
  });

  it('lets readers keep an earlier generation', () => {
    expect(toSettled({ ...lecture, generation: 'g1' }, run('TERMINATED', SOON), SOON)).toMatchObject({ state: 'ready', generation: 'g1' });
  });

  it('opens a failed lecture again whose run was reset in the Temporal UI', () => {
    const failed: Lecture = { ...lecture, state: 'failed', failure: { kind: 'internal', stage: 'embed', message: 'm' } };
    expect(toSettled(failed, run('RUNNING', undefined, SOON), LATE)).toEqual(lecture);
    // The run that has just written so, and closes in a moment.
    expect(toSettled(failed, run('RUNNING'), LATE)).toBeUndefined();
    expect(toSettled(failed, run('FAILED', SOON, SOON), LATE)).toBeUndefined();
    expect(toSettled(failed, undefined, LATE)).toBeUndefined();
  });

  it.each([
    ['a run is under way', run('RUNNING'), LATE],
    ['an earlier run ended, and the next may start in a moment', run('FAILED', UPDATED - 1_000), SOON],
    ['none has started yet, and one may in a moment', undefined, SOON],
  ])('waits while %s', (_, last, now) => {
    expect(toSettled(lecture, last, now)).toBeUndefined();
  });

  it.each([
    ['none is known', undefined],
    ['an earlier one completed', run('COMPLETED', UPDATED - 1_000)],
  ])('waits no longer for a run that never began: %s', (_, last) => {
    expect(toSettled(lecture, last, LATE)).toMatchObject({ state: 'failed', failure: { kind: 'internal' } });
  });
});
