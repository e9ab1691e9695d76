import type { QueryFilters } from '../../contracts/query.ts';
import type { CatalogueEntry, IndexedChunk, LegQuery, VectorIndex } from '../../retrieval/vector-index.ts';
import { denseOf, sparseOf } from './sample-chunks.ts';

export interface IndexStore {
  /** Another handle on the same store, as another process has it. */
  open(): Promise<VectorIndex>;
  tearDown(): Promise<void>;
}

/** Every sample chunk is found by each of these. */
const EVERYTHING: LegQuery[] = [
  { leg: 'dense', limit: 50, dense: denseOf(1) },
  { leg: 'sparse', limit: 50, sparse: sparseOf(1) },
  { leg: 'bm25', limit: 50, text: 'passage topic' },
];

/** Two handles on one store: what `index` writes, `other` must see as another process would. */
export class IndexUnderTest {
  store!: IndexStore;
  index!: VectorIndex;
  other!: VectorIndex;
  #tenants = 0;

  async open(store: IndexStore): Promise<void> {
    this.store = store;
    this.index = await store.open();
    this.other = await store.open();
  }

  async close(): Promise<void> {
    await this.index.close();
    await this.other.close();
    await this.store.tearDown();
  }

  newTenant(): string {
    this.#tenants += 1;
    return `tenant-${this.#tenants}`;
  }

  async publish(
    tenant: string,
    entry: CatalogueEntry,
    generation: string,
    chunks: IndexedChunk[],
    previous: string | null = null,
  ): Promise<void> {
    await this.index.writeChunks(tenant, entry, generation, chunks);
    await this.index.activate(tenant, entry, generation, chunks.length, previous);
  }

  /** Ids that dense, sparse and bm25 find, each sorted. */
  async find(tenant: string, filters: QueryFilters = {}, reader = this.index): Promise<string[][]> {
    const legs = await reader.search(tenant, EVERYTHING, filters);
    return legs.map((hits) => hits.map((hit) => hit.chunkId).sort());
  }
}
