import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editTranscript, restoreRevision } from '../../api/edit-transcript.ts';
import { LecternError } from '../../contracts/errors.ts';
import { headOf } from '../../contracts/head-revision.ts';
import type { LectureId } from '../../contracts/identity.ts';
import type { EditOperation } from '../../contracts/edits.ts';
import { lecturePrefix } from '../../storage/keys.ts';
import { TranscriptSchema, type Transcript, type Turn } from '../../contracts/transcript.ts';
import { anyWish, toOperation, type EditWish } from '../../transcript/any-edits.fixture.ts';
import { openEditBench, type EditBench } from './edit-bench.ts';
import { findStaleness } from './settled.ts';

const author = { keyId: '0'.repeat(16), name: 'test' };

let bench: EditBench;
beforeAll(async () => {
  bench = await openEditBench();
});
afterAll(() => bench.close());

const headNumber = async (lectureId: LectureId) => headOf((await bench.deps.lectures.get(bench.tenantId, lectureId))!)!.number;
const edit = (lectureId: LectureId, baseRevision: number, operations: EditOperation[]) =>
  editTranscript(bench.deps, { tenantId: bench.tenantId, lectureId, author, baseRevision, operations });

/** A long lecture of one speaker with a question in it, `shift` seconds late: heard by another model. */
function lecture(words = 900, shift = 0): Transcript {
  let clock = shift;
  const turn = (speaker: string, count: number, end: string): Turn => {
    const spoken = Array.from({ length: count }, (_, index) => {
      const startSeconds = clock;
      clock += 0.4;
      return {
        text: `w${Math.round((startSeconds - shift) * 10)}${index % 12 === 11 ? end : ''}`,
        startSeconds,
        endSeconds: startSeconds + 0.3,
        confidence: 0.9,
        speaker,
        speakerSource: 'overlap' as const,
      };
    });
    return { speaker, startSeconds: spoken[0]!.startSeconds, endSeconds: spoken.at(-1)!.endSeconds, words: spoken };
  };
  const turns = [turn('S1', words / 2, '.'), turn('S2', 12, '?'), turn('S1', words / 2, '.')];
  return { language: 'en', durationSeconds: clock + shift, speakers: ['S1', 'S2'], roles: {}, turns };
}

type Step =
  | { do: 'edit'; wish: EditWish; behind: number }
  | { do: 'publish'; wish: EditWish | null }
  | { do: 'restore'; back: number }
  | { do: 'ingest'; shift: number; wish: EditWish | null };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('edit' as const), wish: anyWish, behind: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('publish' as const), wish: fc.option(anyWish) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), back: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ingest' as const), shift: fc.constantFrom(0, 0.1, 3), wish: fc.option(anyWish) }) },
);

/** An edit made against a revision so many behind the head: rebased, or refused where it touches what has changed. */
async function editBehind(lectureId: LectureId, wish: EditWish, behind: number): Promise<void> {
  const base = Math.max(1, (await headNumber(lectureId)) - behind);
  const { transcript } = await bench.deps.revisions.get((await bench.deps.lectures.get(bench.tenantId, lectureId))!, base);
  const operation = toOperation(wish, await bench.deps.artifacts.read(transcript, TranscriptSchema));
  if (operation === null) return;
  await edit(lectureId, base, [operation]).catch((error: unknown) => {
    const isRefused = error instanceof LecternError && (error.kind === 'conflict' || error.kind === 'invalid-input');
    if (!isRefused) throw error;
  });
}

async function take(lectureId: LectureId, step: Step): Promise<void> {
  const during = (wish: EditWish | null) => (wish === null ? undefined : () => editBehind(lectureId, wish, 0));
  if (step.do === 'edit') await editBehind(lectureId, step.wish, step.behind);
  else if (step.do === 'publish') await bench.publish(lectureId, during(step.wish));
  else if (step.do === 'ingest') await bench.ingest(lectureId, lecture(60, step.shift), during(step.wish));
  else {
    const number = Math.max(1, (await headNumber(lectureId)) - step.back);
    await restoreRevision(bench.deps, { tenantId: bench.tenantId, lectureId, number, author });
  }
}

describe('the index of a lecture that people edit', () => {
  it('says what the transcript says, all of it and nothing else, after any edits, restores and ingests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 8 }), async (steps) => {
        const lectureId = await bench.plant(lecture(60));
        for (const step of steps) await take(lectureId, step);
        await bench.publish(lectureId);
        expect(await findStaleness(bench, lectureId)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it('embeds the passages that an edit touches, and no other', async () => {
    const lectureId = await bench.plant(lecture());
    const passages = await bench.passagesOf(lectureId);
    expect(passages.length).toBeGreaterThan(4);
    bench.embedded.length = 0;
    await edit(lectureId, 1, [{ kind: 'replaceWords', turn: 0, from: 200, to: 201, texts: ['Schrödinger’s', 'unforeseen', 'cat'] }]);
    const embedded = await bench.publish(lectureId);
    expect(embedded).toBe(bench.embedded.length);
    // A word may be in two passages: they overlap.
    expect(embedded).toBeLessThanOrEqual(2);
    expect(bench.embedded.every((text) => text.includes('unforeseen'))).toBe(true);
    expect(await findStaleness(bench, lectureId)).toEqual([]);
  });

  it('embeds nothing for a new speaker’s name, a merge, or what was there before', async () => {
    const lectureId = await bench.plant(lecture());
    await edit(lectureId, 1, [{ kind: 'splitTurn', turn: 0, at: 240 }]);
    await bench.publish(lectureId);
    bench.embedded.length = 0;
    await edit(lectureId, 2, [{ kind: 'renameSpeaker', speaker: 'S1', name: 'Ines Noether' }]);
    await restoreRevision(bench.deps, { tenantId: bench.tenantId, lectureId, number: 2, author });
    expect(await bench.publish(lectureId)).toBe(0);
    expect(bench.embedded).toEqual([]);
    expect(await findStaleness(bench, lectureId)).toEqual([]);
  });

  it('keeps edits when the same recording is ingested again, and computes nothing for it', async () => {
    const lectureId = await bench.plant(lecture(60));
    await edit(lectureId, 1, [{ kind: 'replaceWords', turn: 1, from: 0, to: 2, texts: ['Whose', 'cat'] }]);
    await bench.publish(lectureId);
    bench.embedded.length = 0;
    await bench.ingest(lectureId, lecture(60));
    expect(bench.embedded).toEqual([]);
    expect((await bench.transcriptOf(lectureId)).turns[1]!.words.slice(0, 2).map(({ text }) => text)).toEqual(['Whose', 'cat']);
    expect(await headNumber(lectureId)).toBe(2);
    expect(await findStaleness(bench, lectureId)).toEqual([]);
  });

  it('carries edits to what another model hears, and keeps a revision of those that find no place', async () => {
    const lectureId = await bench.plant(lecture(60));
    await edit(lectureId, 1, [{ kind: 'replaceWords', turn: 1, from: 0, to: 1, texts: ['Whose'] }]);
    await bench.ingest(lectureId, lecture(60, 0.1));
    expect((await bench.transcriptOf(lectureId)).turns[1]!.words[0]).toMatchObject({ text: 'Whose', speakerSource: 'edited' });
    await bench.ingest(lectureId, lecture(60, 9));
    const stored = (await bench.deps.lectures.get(bench.tenantId, lectureId))!;
    const [latest, before] = await bench.deps.revisions.list(stored);
    expect(latest).toMatchObject({ number: 4, author: null, origin: { kind: 'machine', editsLost: 1 } });
    expect(before).toMatchObject({ number: 3, origin: { kind: 'machine', editsLost: 0 } });
    await restoreRevision(bench.deps, { tenantId: bench.tenantId, lectureId, number: 3, author });
    await bench.publish(lectureId);
    expect((await bench.transcriptOf(lectureId)).turns[1]!.words[0]!.text).toBe('Whose');
    expect(await findStaleness(bench, lectureId)).toEqual([]);
  });

  it('lets many editors at once all end right or be told', async () => {
    const lectureId = await bench.plant(lecture(60));
    const endings = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) =>
        edit(lectureId, 1, [{ kind: 'replaceWords', turn: 0, from: index, to: index + 1, texts: [`by${index}`] }]),
      ),
    );
    expect(endings.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'fulfilled'));
    expect((await bench.transcriptOf(lectureId)).turns[0]!.words.slice(0, 6).map(({ text }) => text)).toEqual(
      Array.from({ length: 6 }, (_, index) => `by${index}`),
    );
    expect(await headNumber(lectureId)).toBe(7);
    await expect(edit(lectureId, 1, [{ kind: 'replaceWords', turn: 0, from: 0, to: 1, texts: ['late'] }])).rejects.toMatchObject({
      kind: 'conflict',
      details: { revision: 7 },
    });
  });

  it('leaves nothing of a lecture that is deleted while its edits are published', async () => {
    const lectureId = await bench.plant(lecture(60));
    await edit(lectureId, 1, [{ kind: 'joinTurns', turn: 0 }]);
    await expect(bench.publish(lectureId, async () => void (await bench.deps.lectures.delete(bench.tenantId, lectureId)))).rejects.toThrow(
      /was deleted/,
    );
    expect((await bench.deps.index.catalogue(bench.tenantId)).map((entry) => entry.lectureId)).not.toContain(lectureId);
    const left: string[] = [];
    for await (const { key } of bench.deps.objects.list(lecturePrefix(bench.tenantId, lectureId))) left.push(key);
    expect(left).toEqual([]);
  });
});
