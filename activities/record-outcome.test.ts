import { describe, expect, it } from 'vitest';
import type { IngestOutcome } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import { withOutcome } from './record-outcome.ts';

const lecture: Lecture = {
  tenantId: 'demo',
  lectureId: 'lec_0123456789abcdef01234567',
  metadata: { title: 'Grief' },
  media: { key: 'k', sha256: 'a'.repeat(64), bytes: 1 },
  state: 'processing',
  createdAt: '2026-11-21T00:00:00.000Z',
  updatedAt: '2026-11-21T00:00:00.000Z',
  speakerNames: {},
  artifacts: {},
  degraded: [],
};
const ready: IngestOutcome = {
  state: 'ready',
  generation: 'g1-a',
  durationSeconds: 60,
  language: 'en',
  artifacts: { prepared: 'p', transcript: 't', chunks: 'c' },
  transcribedBy: [{ name: 'whisper-base', revision: 'd01c3014881c', precision: 'int8' }],
  degraded: [{ stage: 'contextualize', reason: 'no language model configured' }],
};
const failed: IngestOutcome = { state: 'failed', kind: 'unavailable', stage: 'embed', message: 'away' };

describe('withOutcome', () => {
  it('takes over what a run made and forgets an earlier failure', () => {
    const after = withOutcome(withOutcome(lecture, failed), ready);
    expect(after).toMatchObject({
      state: 'ready',
      generation: 'g1-a',
      metadata: { title: 'Grief' },
      degraded: ready.degraded,
      transcribedBy: ready.transcribedBy,
    });
    expect(after.failure).toBeUndefined();
  });

  it('says what failed', () => {
    expect(withOutcome(lecture, failed)).toMatchObject({
      state: 'failed',
      failure: { kind: 'unavailable', stage: 'embed', message: 'away' },
    });
  });

  it('keeps a lecture that readers see ready when a later run comes to nothing', () => {
    const serving = withOutcome(lecture, ready);
    expect(withOutcome(serving, { state: 'cancelled' })).toMatchObject({ state: 'ready', generation: 'g1-a' });
    expect(withOutcome(serving, failed)).toMatchObject({ state: 'ready', failure: { stage: 'embed' } });
    expect(withOutcome(lecture, { state: 'cancelled' }).state).toBe('cancelled');
  });
});
