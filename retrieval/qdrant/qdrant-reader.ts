import type { QdrantClient } from '@qdrant/js-client-rest';
import type { TenantId } from '../../contracts/identity.ts';
import type { QueryFilters } from '../../contracts/query.ts';
import { parseChunkId } from '../chunk-id.ts';
import type { CatalogueEntry, LegHit, LegQuery, Preview, StoredChunk } from '../vector-index.ts';
import { previewed, toFilter, type ActiveViews } from './active-view.ts';
import { toLegHits, toQuery } from './leg-query.ts';
import { chunkPoint, toCatalogueEntry, toStoredChunk } from './points.ts';
import { unlessGone } from './qdrant-errors.ts';
import { aliasOf, ensurePayloadIndexes } from './tenant-collections.ts';
import type { VectorNames } from './vector-names.ts';

/** The reading half of the index in Qdrant; see `VectorIndex` for what each call promises. */
export class QdrantReader {
  readonly #client: QdrantClient;
  readonly #views: ActiveViews;
  readonly #names: VectorNames;
  /** Tenants whose collection has all indexes of this version, as far as this process has looked. */
  readonly #indexed = new Set<TenantId>();

  constructor(client: QdrantClient, views: ActiveViews, names: VectorNames) {
    this.#client = client;
    this.#views = views;
    this.#names = names;
  }

  /** A tenant that was deleted: one of that name may come back with a new collection. */
  forget(tenantId: TenantId): void {
    this.#indexed.delete(tenantId);
  }

  catalogue(tenantId: TenantId): Promise<(CatalogueEntry & { generation: string; chunks: number })[]> {
    return this.#views.read(tenantId, ({ lectures }) => {
      const payloads = [...lectures.values()].sort((a, b) => (a.lecture_id < b.lecture_id ? -1 : 1));
      return Promise.resolve(
        payloads.map((payload) => ({ ...toCatalogueEntry(payload), generation: payload.generation, chunks: payload.chunks })),
      );
    });
  }

  async search(tenantId: TenantId, queries: readonly LegQuery[], filters: QueryFilters, preview?: Preview): Promise<LegHit[][]> {
    if (filters.roles !== undefined || filters.phrases !== undefined) await this.#ensureNewIndexes(tenantId);
    return this.#views.read(tenantId, async (view) => {
      const filter = toFilter(previewed(view, preview), filters);
      const searches = queries.map((query) => (filter === null ? undefined : toQuery(query, filter, this.#names)));
      const sent = searches.filter((search) => search !== undefined);
      const found = sent.length === 0 ? [] : await this.#client.queryBatch(aliasOf(tenantId), { searches: sent });
      return searches.map((search) => (search === undefined ? [] : toLegHits(found[sent.indexOf(search)]!.points)));
    });
  }

  getChunks(tenantId: TenantId, chunkIds: readonly string[], preview?: Preview): Promise<StoredChunk[]> {
    return this.#views.read(tenantId, async (view) => {
      const { lectures } = previewed(view, preview);
      const active = chunkIds.flatMap((chunkId) => {
        const parsed = parseChunkId(chunkId);
        const lecture = parsed && lectures.get(parsed.lectureId);
        if (!lecture || lecture.generation !== parsed.generation) return [];
        return [{ lecture, point: chunkPoint(parsed.lectureId, parsed.generation, parsed.ordinal) }];
      });
      if (active.length === 0) return [];
      const ids = active.map(({ point }) => point);
      const points = await this.#client.retrieve(aliasOf(tenantId), { ids, with_payload: true });
      const payloads = new Map(points.map(({ id, payload }) => [id, payload]));
      return active.flatMap(({ lecture, point }) => (payloads.has(point) ? [toStoredChunk(lecture, payloads.get(point))] : []));
    });
  }

  /** Collections made before roles and phrases lack their indexes, and strict mode refuses to filter without. */
  async #ensureNewIndexes(tenantId: TenantId): Promise<void> {
    if (this.#indexed.has(tenantId)) return;
    await unlessGone(ensurePayloadIndexes(this.#client, aliasOf(tenantId)));
    this.#indexed.add(tenantId);
  }
}
