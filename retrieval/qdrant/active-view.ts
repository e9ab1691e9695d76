import { randomUUID } from 'node:crypto';
import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import { LecternError } from '../../contracts/errors.ts';
import type { TenantId } from '../../contracts/identity.ts';
import type { QueryFilters } from '../../contracts/query.ts';
import { toWords } from '../terms.ts';
import type { Preview } from '../vector-index.ts';
import { afterMove, readPendingMoves } from './moves.ts';
import { REVISION_POINT, toGenerationKey, type LecturePayload } from './points.ts';
import { statusOf } from './qdrant-errors.ts';
import { aliasOf, MAX_PAGE } from './tenant-collections.ts';

/** Which generation of each lecture readers see, as of one revision. `null`: the tenant has no collection. */
export interface ActiveView {
  revision: string | null;
  /** By lecture id. */
  lectures: Map<string, LecturePayload>;
}

const MAX_ATTEMPTS = 8;

/**
 * Consistent reads over points that no transaction spans. An activation moves the lecture's pointer, then changes the
 * tenant's revision, then removes the old chunks. A reader works from a view it may have kept, and looks at the revision
 * afterwards: unchanged means that nothing the view names had begun to go away while it read; otherwise it reads again.
 */
export class ActiveViews {
  readonly #client: QdrantClient;
  readonly #views = new Map<TenantId, ActiveView>();

  constructor(client: QdrantClient) {
    this.#client = client;
  }

  /** `work` over a view that still held when `work` was done. `work` may find the collection gone (404). */
  async read<T>(tenantId: TenantId, work: (view: ActiveView) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const view = this.#views.get(tenantId) ?? (await this.#load(tenantId));
      const outcome = await work(view).then(
        (value) => ({ value }),
        (error: unknown) => {
          if (statusOf(error) === 404) return 'gone' as const;
          throw error;
        },
      );
      if (outcome !== 'gone' && (await this.revision(tenantId)) === view.revision) return outcome.value;
      this.#views.delete(tenantId);
    }
    throw new LecternError('unavailable', 'the index changed faster than it could be read', { cure: 'Try again.' });
  }

  /** Tells every reader, here and elsewhere, to look anew. To be called between moving a pointer and removing chunks. */
  async announce(tenantId: TenantId): Promise<void> {
    const point = { id: REVISION_POINT, vector: {}, payload: { kind: 'revision', value: randomUUID() } };
    await this.#client.upsert(aliasOf(tenantId), { points: [point], wait: true });
    this.#views.delete(tenantId);
  }

  /** Another value after every announcement; `null`: the tenant has no collection. */
  async revision(tenantId: TenantId): Promise<string | null> {
    try {
      const [point] = await this.#client.retrieve(aliasOf(tenantId), { ids: [REVISION_POINT], with_payload: true });
      return point ? String(point.payload?.['value']) : '';
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
  }

  async #load(tenantId: TenantId): Promise<ActiveView> {
    const revision = await this.revision(tenantId);
    const view: ActiveView = { revision, lectures: new Map() };
    if (revision === null) return view;
    // Before the pointers: a move that begins after this look announces itself before it moves one of them.
    const { moves } = await readPendingMoves(this.#client, tenantId);
    let offset: Schemas['ScrollResult']['next_page_offset'];
    do {
      const page = await this.#client.scroll(aliasOf(tenantId), {
        filter: { must: [{ key: 'kind', match: { value: 'lecture' } }] },
        limit: MAX_PAGE,
        with_payload: true,
        ...(offset === undefined ? {} : { offset: offset as string }),
      });
      for (const { payload } of page.points) {
        const lecture = payload as unknown as LecturePayload;
        view.lectures.set(lecture.lecture_id, afterMove(lecture, moves.get(lecture.lecture_id)));
      }
      offset = page.next_page_offset ?? undefined;
    } while (offset !== undefined);
    this.#views.set(tenantId, view);
    return view;
  }
}

/** `view` with the generations of a preview in their places. */
export function previewed(view: ActiveView, preview: Preview | undefined): ActiveView {
  if (preview === undefined) return view;
  const lectures = [...view.lectures].map(([lectureId, lecture]): [string, LecturePayload] => {
    const generation = preview[lectureId] ?? lecture.generation;
    return [lectureId, { ...lecture, generation }];
  });
  return { revision: view.revision, lectures: new Map(lectures) };
}

/** What a query may see, as a filter on chunks; `null` when that is nothing. */
export function toFilter({ lectures }: ActiveView, filters: QueryFilters): Schemas['Filter'] | null {
  const isWanted = (wanted: readonly string[] | undefined, value: string | null): boolean =>
    wanted === undefined || (value !== null && wanted.includes(value));
  const keys = [...lectures.values()]
    .filter(
      (lecture) =>
        isWanted(filters.courses, lecture.course) &&
        isWanted(filters.semesters, lecture.semester) &&
        isWanted(filters.lectureIds, lecture.lecture_id),
    )
    .map((lecture) => toGenerationKey(lecture.lecture_id, lecture.generation));
  if (keys.length === 0) return null;
  const must: Schemas['Condition'][] = [{ key: 'generation_key', match: { any: keys } }];
  if (filters.speakers !== undefined) {
    const match = { any: filters.speakers };
    must.push({
      should: [
        { key: 'speaker', match },
        { key: 'speaker_name', match },
      ],
    });
  }
  if (filters.roles !== undefined) must.push({ key: 'role', match: { any: filters.roles } });
  for (const phrase of filters.phrases ?? []) {
    const words = toWords(phrase);
    if (words.length > 0) must.push({ key: 'spoken', match: { phrase: words.join(' ') } });
  }
  if (filters.fromSeconds !== undefined) must.push({ key: 'end_seconds', range: { gt: filters.fromSeconds } });
  if (filters.toSeconds !== undefined) must.push({ key: 'start_seconds', range: { lt: filters.toSeconds } });
  return { must };
}
