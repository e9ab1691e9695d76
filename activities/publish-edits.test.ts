import { describe, expect, it } from 'vitest';
import type { IngestOutcome } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { Publication } from '../contracts/publish-workflow.ts';
import { withPublication } from './publish-edits.ts';
import { withOutcome } from './record-outcome.ts';

const ref = (name: string) => ({ key: `artifacts/${name}.json`, digest: name });
/** Revision 3 is the head, 1 is what search finds. */
const lecture: Lecture = {
  tenantId: 'demo',
  lectureId: 'lec_0123456789abcdef01234567',
  metadata: {},
  media: { key: 'k', sha256: 'a'.repeat(64), bytes: 1 },
  state: 'ready',
  createdAt: '2026-11-21T00:00:00.000Z',
  updatedAt: '2026-11-21T00:00:00.000Z',
  speakerNames: {},
  generation: 'g1',
  artifacts: { transcript: ref('t3').key, chunks: 'c1', embeddings: 'e1' },
  revision: { number: 3, transcript: ref('t3'), machine: ref('t1'), lastLabel: 2, published: { number: 1, digest: 't1' } },
  degraded: [{ stage: 'contextualize', reason: 'away' }],
};
const publicationOf = (revision: number): Publication => {
  const name = `t${revision}`;
  return { revision, transcript: ref(name), generation: `g${revision}`, chunks: ref('c'), embeddings: ref('e'), degraded: [] };
};
const outcomeOf = (revision: number): IngestOutcome => ({
  state: 'ready',
  generation: `g${revision}`,
  durationSeconds: 60,
  language: 'en',
  transcribedBy: [],
  artifacts: { prepared: 'p', transcript: ref(`t${revision}`).key, chunks: 'c', embeddings: 'e' },
  revision,
  degraded: [],
});

describe('what the document says that search finds', () => {
  it('is what was published, and what was missing before no more', () => {
    expect(withPublication(lecture, publicationOf(3))).toMatchObject({
      generation: 'g3',
      artifacts: { transcript: ref('t3').key, chunks: ref('c').key, embeddings: ref('e').key },
      revision: { number: 3, published: { number: 3, digest: 't3' } },
      degraded: [],
    });
  });

  it('never goes back, whether an edit or an ingest is the slower one', () => {
    const published = withPublication(lecture, publicationOf(3));
    expect(withPublication(published, publicationOf(2))).toBe(published);
    expect(withOutcome(published, outcomeOf(2))).toMatchObject({
      generation: 'g3',
      artifacts: { prepared: 'p', transcript: ref('t3').key, chunks: ref('c').key },
      revision: { published: { number: 3 } },
    });
    expect(withOutcome(lecture, outcomeOf(2))).toMatchObject({
      generation: 'g2',
      artifacts: { transcript: ref('t3').key, chunks: 'c' },
      revision: { number: 3, published: { number: 2, digest: 't2' } },
    });
  });

  it('keeps the failure of an ingest, and forgets that of a publication', () => {
    const failed = { kind: 'unavailable', stage: 'publish', message: 'index: away' };
    expect(withPublication({ ...lecture, failure: failed }, publicationOf(3)).failure).toBeUndefined();
    const older = { ...failed, stage: 'transcribe' };
    expect(withPublication({ ...lecture, failure: older }, publicationOf(3)).failure).toEqual(older);
  });
});
