import { assert, asyncProperty, integer } from 'fast-check';
import { expect, it } from 'vitest';
import type { Lecture } from '../contracts/lecture.ts';
import { readLecturePage } from './lecture-page.ts';

const NOW = new Date(0).toISOString();

function makeLecture(at: number): Lecture {
  return {
    tenantId: 'tum',
    lectureId: `lec_${at.toString(16).padStart(24, '0')}`,
    metadata: { course: at % 3 === 0 ? 'third' : 'other' },
    media: { key: 'tenants/tum/x', sha256: 'a'.repeat(64), bytes: 1 },
    state: 'ready',
    createdAt: NOW,
    updatedAt: NOW,
    speakerNames: {},
    artifacts: {},
    degraded: [],
  };
}

/** A catalogue of so many lectures that counts the documents it gives. */
function catalogue(count: number) {
  const all = Array.from({ length: count }, (_, at) => makeLecture(at));
  const read = { documents: 0 };
  async function* list(_tenantId: string, after?: string): AsyncGenerator<Lecture> {
    for (const lecture of all) {
      if (after !== undefined && lecture.lectureId <= after) continue;
      read.documents += 1;
      yield lecture;
    }
  }
  return { all, read, lectures: { list } };
}

it('shows each lecture once, page by page, filtered or not', async () => {
  await assert(
    asyncProperty(
      integer({ min: 0, max: 60 }),
      integer({ min: 1, max: 20 }),
      integer({ min: 0, max: 1 }),
      async (count, limit, filtered) => {
        const { all, lectures } = catalogue(count);
        const filter = filtered === 1 ? { course: 'third' } : {};
        const shown: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await readLecturePage(lectures, 'tum', { ...filter, limit, cursor });
          expect(page.lectures.length).toBeLessThanOrEqual(limit);
          shown.push(...page.lectures.map(({ lectureId }) => lectureId));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        const wanted = all.filter(({ metadata }) => filtered === 0 || metadata.course === 'third');
        expect(shown).toEqual(wanted.map(({ lectureId }) => lectureId));
      },
    ),
  );
});

it('reads a page and one more, and for a filter that finds nothing no more than it may', async () => {
  const { all, read, lectures } = catalogue(2_500);
  expect((await readLecturePage(lectures, 'tum', { limit: 50 })).lectures).toHaveLength(50);
  expect(read.documents).toBe(51);
  read.documents = 0;
  const empty = await readLecturePage(lectures, 'tum', { limit: 50, course: 'none' });
  expect(empty).toEqual({ lectures: [], nextCursor: all[999]?.lectureId });
  expect(read.documents).toBe(1_001);
});
