import { randomUUID } from 'node:crypto';
import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import type { LectureId, TenantId } from '../../contracts/identity.ts';
import type { GenerationMove } from '../vector-index.ts';
import { lecturePoint, stagedPoint, toStagedPoint, type LecturePayload, type PendingMove, type StagedPayload } from './points.ts';
import { unlessGone } from './qdrant-errors.ts';
import { aliasOf, MAX_PAGE } from './tenant-collections.ts';

/** The pending moves of a tenant by lecture, and the points that say so. */
export interface PendingMoves {
  points: string[];
  moves: Map<LectureId, PendingMove>;
}

/**
 * Many pointers change at once by one point: while a `move` point is there, readers take the lectures it names for moved, whether their
 * pointers have been or not. So its writing is the moment of the change; the pointers follow one by one, each on condition that it is
 * where it was; then the point goes. Whoever dies in between leaves a state that reads the same, and that the next writer finishes.
 */
export class Moves {
  readonly #client: QdrantClient;
  readonly #announce: (tenantId: TenantId) => Promise<void>;

  constructor(client: QdrantClient, announce: (tenantId: TenantId) => Promise<void>) {
    this.#client = client;
    this.#announce = announce;
  }

  async moveTogether(tenantId: TenantId, moves: readonly GenerationMove[]): Promise<LectureId[]> {
    await this.finish(tenantId);
    const pending = await this.#findMovable(tenantId, moves);
    if (pending.length > 0) {
      const payload = { kind: 'move', moves: JSON.stringify(pending) };
      await this.#client.upsert(aliasOf(tenantId), { points: [{ id: randomUUID(), vector: {}, payload }], wait: true });
      await this.#announce(tenantId);
      await this.finish(tenantId);
    }
    const pointers = await this.#pointersOf(tenantId, moves);
    return moves.filter(({ lectureId, to }) => pointers.get(lectureId)?.generation === to).map(({ lectureId }) => lectureId);
  }

  /** Moves the pointers of whatever is pending. */
  async finish(tenantId: TenantId): Promise<void> {
    const { points, moves } = await readPendingMoves(this.#client, tenantId);
    if (points.length === 0) return;
    // What is left can be moved back to.
    const left = [...moves.values()].map(({ lectureId, from, fromChunks }) => toStagedPoint(lectureId, from, fromChunks));
    await this.#client.upsert(aliasOf(tenantId), { points: left, wait: true });
    for (const move of moves.values()) await this.#movePointer(tenantId, move);
    await this.#client.delete(aliasOf(tenantId), { points, wait: true });
    await this.#announce(tenantId);
  }

  async #movePointer(tenantId: TenantId, { lectureId, from, to, toChunks }: PendingMove): Promise<void> {
    const must = [
      { key: 'lecture_id', match: { value: lectureId } },
      { key: 'kind', match: { value: 'lecture' } },
      { key: 'generation', match: { value: from } },
    ];
    await this.#client.setPayload(aliasOf(tenantId), {
      payload: { generation: to, chunks: toChunks, former: from },
      filter: { must },
      wait: true,
    });
  }

  async #findMovable(tenantId: TenantId, moves: readonly GenerationMove[]): Promise<PendingMove[]> {
    const pointers = await this.#pointersOf(tenantId, moves);
    const staged = await this.#payloads<StagedPayload>(
      tenantId,
      moves.map(({ lectureId, to }) => stagedPoint(lectureId, to)),
    );
    const chunks = new Map(staged.map((payload) => [`${payload.lecture_id}:${payload.generation}`, payload.chunks]));
    return moves.flatMap((move) => {
      const pointer = pointers.get(move.lectureId);
      const toChunks = chunks.get(`${move.lectureId}:${move.to}`);
      return pointer?.generation === move.from && toChunks !== undefined ? [{ ...move, fromChunks: pointer.chunks, toChunks }] : [];
    });
  }

  async #pointersOf(tenantId: TenantId, moves: readonly GenerationMove[]): Promise<Map<LectureId, LecturePayload>> {
    const ids = moves.map(({ lectureId }) => lecturePoint(lectureId));
    const payloads = await this.#payloads<LecturePayload>(tenantId, ids);
    return new Map(payloads.map((payload) => [payload.lecture_id, payload]));
  }

  /** The kind of point that these ids name is the caller's to know. */
  async #payloads<Payload>(tenantId: TenantId, ids: readonly string[]): Promise<Payload[]> {
    const found: Payload[] = [];
    for (let from = 0; from < ids.length; from += MAX_PAGE) {
      const page = { ids: ids.slice(from, from + MAX_PAGE), with_payload: true };
      const points = (await unlessGone(this.#client.retrieve(aliasOf(tenantId), page))) ?? [];
      found.push(...points.map(({ payload }) => payload as Payload));
    }
    return found;
  }
}

/** May find the collection gone: then nothing is pending. */
export async function readPendingMoves(client: QdrantClient, tenantId: TenantId): Promise<PendingMoves> {
  const filter: Schemas['Filter'] = { must: [{ key: 'kind', match: { value: 'move' } }] };
  const page = await unlessGone(client.scroll(aliasOf(tenantId), { filter, limit: MAX_PAGE, with_payload: true }));
  const points = page?.points ?? [];
  const moves = points.flatMap(({ payload }) => JSON.parse(String(payload?.['moves'])) as PendingMove[]);
  return { points: points.map(({ id }) => String(id)), moves: new Map(moves.map((move) => [move.lectureId, move])) };
}

/** The pointer as readers take it. */
export function afterMove(pointer: LecturePayload, move: PendingMove | undefined): LecturePayload {
  if (move === undefined || pointer.generation !== move.from) return pointer;
  return { ...pointer, generation: move.to, chunks: move.toChunks, former: move.from };
}
