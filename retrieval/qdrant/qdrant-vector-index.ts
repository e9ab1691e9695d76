import { QdrantClient, type Schemas } from '@qdrant/js-client-rest';
import { LecternError } from '../../contracts/errors.ts';
import type { LectureId, TenantId } from '../../contracts/identity.ts';
import type { QueryFilters } from '../../contracts/query.ts';
import type { CatalogueEntry, GenerationMove, IndexedChunk, LegHit, LegQuery, Preview, StoredChunk, VectorIndex } from '../vector-index.ts';
import { ActiveViews } from './active-view.ts';
import { afterMove, Moves, readPendingMoves } from './moves.ts';
import { lecturePoint, toChunkPoint, toGenerationKey, toLecturePayload, toStagedPoint, type LecturePayload } from './points.ts';
import { unlessGone } from './qdrant-errors.ts';
import { QdrantReader } from './qdrant-reader.ts';
import { aliasOf, dropCollection, ensureCollection } from './tenant-collections.ts';
import { withTypedErrors } from './typed-errors.ts';
import { toVectorNames, type VectorNames } from './vector-names.ts';

export interface QdrantOptions {
  url: string;
  apiKey?: string;
  /** Of the embedder: a collection is made for vectors of one length. */
  dimensions: number;
  /** Whose vectors this process writes and searches with: a collection of another's refuses both with `conflict`. Default `null`: the default models. */
  vectorModel?: string | null;
  /** Longest wait for one request. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;

/** About 30 kB a point as JSON; Qdrant takes requests of up to 32 MB. */
const UPSERT_BATCH = 100;

/**
 * The index in Qdrant (1.17 or newer): a collection per tenant behind an alias, dense, learned sparse and BM25 vectors by name.
 * Qdrant has no transactions. Activation is one conditional upsert of the lecture's pointer, which a shard applies in
 * line with all other updates, so of two that race one wins; removal of old chunks follows it. Between the last look at
 * the pointer and that removal lies one round trip in which a second writer of the same lecture could lose chunks to the
 * first: the ingest workflow's id keeps a lecture's writers in line.
 */
export function openQdrantVectorIndex({ url, apiKey, dimensions, vectorModel = null, timeoutMs = TIMEOUT_MS }: QdrantOptions): VectorIndex {
  const client = new QdrantClient({ url, timeout: timeoutMs, checkCompatibility: false, ...(apiKey === undefined ? {} : { apiKey }) });
  return withTypedErrors(new QdrantIndex(client, dimensions, toVectorNames(vectorModel)), url);
}

class QdrantIndex implements VectorIndex {
  readonly #client: QdrantClient;
  readonly #dimensions: number;
  readonly #names: VectorNames;
  readonly #views: ActiveViews;
  readonly #reader: QdrantReader;
  readonly #moves: Moves;

  constructor(client: QdrantClient, dimensions: number, names: VectorNames) {
    this.#client = client;
    this.#dimensions = dimensions;
    this.#names = names;
    this.#views = new ActiveViews(client);
    this.#reader = new QdrantReader(client, this.#views, names);
    this.#moves = new Moves(client, (tenantId) => this.#views.announce(tenantId));
  }

  async writeChunks(tenantId: TenantId, lecture: CatalogueEntry, generation: string, chunks: readonly IndexedChunk[]): Promise<void> {
    await this.#refuseActive(tenantId, lecture.lectureId, generation);
    for (let from = 0; from < chunks.length; from += UPSERT_BATCH) {
      const points = chunks
        .slice(from, from + UPSERT_BATCH)
        .map((chunk) => toChunkPoint(lecture.lectureId, generation, chunk, this.#names));
      await this.#upsert(tenantId, points);
    }
  }

  async countChunks(tenantId: TenantId, lectureId: LectureId, generation: string): Promise<number> {
    const filter = {
      must: [
        { key: 'generation_key', match: { value: toGenerationKey(lectureId, generation) } },
        { key: 'kind', match: { value: 'chunk' } },
      ],
    };
    const counted = await unlessGone(this.#client.count(aliasOf(tenantId), { filter, exact: true }));
    return counted?.count ?? 0;
  }

  async activate(
    tenantId: TenantId,
    lecture: CatalogueEntry,
    generation: string,
    expectedChunks: number,
    previous: string | null,
  ): Promise<void> {
    await this.#requireChunks(tenantId, lecture.lectureId, generation, expectedChunks);
    await this.#moves.finish(tenantId);
    const seen = await this.#pointer(tenantId, lecture.lectureId);
    const isActive = seen?.generation === generation;
    const wasMoved = previous !== null && seen?.former === previous;
    await this.#movePointer(tenantId, lecture, {
      generation,
      held: expectedChunks,
      former: isActive ? (seen.former ?? null) : null,
      previous: isActive || wasMoved ? seen.generation : previous,
    });
    const active = await this.activeGeneration(tenantId, lecture.lectureId);
    if (active !== generation) {
      throw new LecternError('conflict', `${lecture.lectureId} is at generation ${active ?? 'none'}, not ${previous ?? 'none'}`);
    }
    await this.#views.announce(tenantId);
    await this.#deleteChunks(tenantId, {
      must: [
        { key: 'lecture_id', match: { value: lecture.lectureId } },
        { key: 'kind', match: { any: ['chunk', 'staged'] } },
      ],
      must_not: [{ key: 'generation_key', match: { value: toGenerationKey(lecture.lectureId, generation) } }],
    });
  }

  async activeGeneration(tenantId: TenantId, lectureId: LectureId): Promise<string | null> {
    return (await this.#pointer(tenantId, lectureId))?.generation ?? null;
  }

  async stage(tenantId: TenantId, lectureId: LectureId, generation: string, expectedChunks: number): Promise<void> {
    await this.#requireChunks(tenantId, lectureId, generation, expectedChunks);
    await this.#upsert(tenantId, [toStagedPoint(lectureId, generation, expectedChunks)]);
  }

  moveTogether(tenantId: TenantId, moves: readonly GenerationMove[]): Promise<LectureId[]> {
    return this.#moves.moveTogether(tenantId, moves);
  }

  async discardGeneration(tenantId: TenantId, lectureId: LectureId, generation: string): Promise<void> {
    await this.#refuseActive(tenantId, lectureId, generation);
    await this.#deleteChunks(tenantId, { must: [{ key: 'generation_key', match: { value: toGenerationKey(lectureId, generation) } }] });
  }

  async nameSpeaker(tenantId: TenantId, lectureId: LectureId, speaker: string, name: string | null): Promise<void> {
    const must = [
      { key: 'lecture_id', match: { value: lectureId } },
      { key: 'speaker', match: { value: speaker } },
    ];
    const named = await unlessGone(
      this.#client.setPayload(aliasOf(tenantId), { payload: { speaker_name: name }, filter: { must }, wait: true }),
    );
    if (named !== undefined) await this.#views.announce(tenantId);
  }

  async deleteLecture(tenantId: TenantId, lectureId: LectureId): Promise<void> {
    const removed = await unlessGone(this.#client.delete(aliasOf(tenantId), { points: [lecturePoint(lectureId)], wait: true }));
    if (removed === undefined) return;
    await this.#views.announce(tenantId);
    await this.#deleteChunks(tenantId, { must: [{ key: 'lecture_id', match: { value: lectureId } }] });
  }

  async deleteTenant(tenantId: TenantId): Promise<void> {
    this.#reader.forget(tenantId);
    await dropCollection(this.#client, tenantId);
  }

  catalogue(tenantId: TenantId): Promise<(CatalogueEntry & { generation: string; chunks: number })[]> {
    return this.#reader.catalogue(tenantId);
  }

  revision(tenantId: TenantId): Promise<string | null> {
    return this.#views.revision(tenantId);
  }

  search(tenantId: TenantId, queries: readonly LegQuery[], filters: QueryFilters, preview?: Preview): Promise<LegHit[][]> {
    return this.#reader.search(tenantId, queries, filters, preview);
  }

  getChunks(tenantId: TenantId, chunkIds: readonly string[], preview?: Preview): Promise<StoredChunk[]> {
    return this.#reader.getChunks(tenantId, chunkIds, preview);
  }

  async health(): Promise<void> {
    await this.#client.getCollections();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The lecture's pointer as readers take it. */
  async #pointer(tenantId: TenantId, lectureId: LectureId): Promise<LecturePayload | undefined> {
    const { moves } = await readPendingMoves(this.#client, tenantId);
    const points = await unlessGone(this.#client.retrieve(aliasOf(tenantId), { ids: [lecturePoint(lectureId)], with_payload: true }));
    const payload = points?.[0]?.payload as unknown as LecturePayload | undefined;
    return payload && afterMove(payload, moves.get(lectureId));
  }

  async #requireChunks(tenantId: TenantId, lectureId: LectureId, generation: string, expectedChunks: number): Promise<void> {
    const held = await this.countChunks(tenantId, lectureId, generation);
    if (held === expectedChunks) return;
    throw new LecternError('conflict', `generation ${generation} of ${lectureId} holds ${held} chunks, not ${expectedChunks}`);
  }

  /** One request that Qdrant carries out, or does not, depending on what the pointer holds at that moment. */
  async #movePointer(
    tenantId: TenantId,
    lecture: CatalogueEntry,
    { generation, held, former, previous }: { generation: string; held: number; former: string | null; previous: string | null },
  ): Promise<void> {
    const payload = { ...toLecturePayload(lecture, generation, held), former };
    const point = { id: lecturePoint(lecture.lectureId), vector: {}, payload };
    const update_filter = { must: [{ key: 'generation', match: { value: previous } }] };
    await this.#upsert(
      tenantId,
      [point],
      previous === null ? { update_mode: 'insert_only' } : { update_mode: 'update_only', update_filter },
    );
  }

  async #upsert(
    tenantId: TenantId,
    points: Schemas['PointStruct'][],
    condition: Pick<Schemas['PointsList'], 'update_mode' | 'update_filter'> = {},
  ): Promise<void> {
    const request = { points, wait: true, ordering: 'strong' as const, ...condition };
    if ((await unlessGone(this.#client.upsert(aliasOf(tenantId), request))) !== undefined) return;
    await ensureCollection(this.#client, tenantId, this.#dimensions, this.#names);
    await this.#client.upsert(aliasOf(tenantId), request);
  }

  async #deleteChunks(tenantId: TenantId, filter: Schemas['Filter']): Promise<void> {
    await unlessGone(this.#client.delete(aliasOf(tenantId), { filter, wait: true }));
  }

  async #refuseActive(tenantId: TenantId, lectureId: LectureId, generation: string): Promise<void> {
    if ((await this.activeGeneration(tenantId, lectureId)) !== generation) return;
    throw new LecternError('conflict', `generation ${generation} of ${lectureId} is being read and cannot be changed`, {
      cure: 'Write a new generation and activate it.',
    });
  }
}
