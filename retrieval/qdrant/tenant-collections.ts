import type { QdrantClient } from '@qdrant/js-client-rest';
import type { TenantId } from '../../contracts/identity.ts';
import { PAYLOAD_INDEXES } from './points.ts';
import { statusOf, unlessGone } from './qdrant-errors.ts';
import type { VectorNames } from './vector-names.ts';

/** Largest page of a read, and what strict mode allows. */
export const MAX_PAGE = 1_000;

/** What requests name: `_` occurs in no tenant id, so no alias can be taken for a collection. */
export function aliasOf(tenantId: TenantId): string {
  return `lectern_${tenantId}`;
}

/**
 * Makes a tenant's collection, its payload indexes and, last, the alias that makes it exist for everyone. Each step may
 * have been done before, by us or by another process.
 */
export async function ensureCollection(client: QdrantClient, tenantId: TenantId, dimensions: number, names: VectorNames): Promise<void> {
  const collection = `${aliasOf(tenantId)}_1`;
  await client
    .createCollection(collection, {
      vectors: { [names.dense]: { size: dimensions, distance: 'Cosine' } },
      // Learned weights carry their own idf; BM25's comes from the engine.
      sparse_vectors: { [names.sparse]: {}, bm25: { modifier: 'idf' } },
      strict_mode_config: {
        enabled: true,
        unindexed_filtering_retrieve: false,
        unindexed_filtering_update: false,
        max_query_limit: MAX_PAGE,
      },
    })
    .catch((error: unknown) => {
      if (statusOf(error) !== 409) throw error;
    });
  await ensurePayloadIndexes(client, collection);
  await client.updateCollectionAliases({
    actions: [{ create_alias: { collection_name: collection, alias_name: aliasOf(tenantId) } }],
  });
}

/** For a collection, by its name or its alias, that may have been made when fewer fields were filtered by. */
export async function ensurePayloadIndexes(client: QdrantClient, collection: string): Promise<void> {
  for (const [field_name, field_schema] of Object.entries(PAYLOAD_INDEXES)) {
    await client.createPayloadIndex(collection, { field_name, field_schema, wait: true });
  }
}

/** Drops whatever collection the alias leads to, and one whose making came no further than its name; the alias goes with it. */
export async function dropCollection(client: QdrantClient, tenantId: TenantId): Promise<void> {
  const { aliases } = await client.getAliases();
  const target = aliases.find(({ alias_name }) => alias_name === aliasOf(tenantId));
  for (const name of new Set([`${aliasOf(tenantId)}_1`, ...(target === undefined ? [] : [target.collection_name])])) {
    await unlessGone(client.deleteCollection(name));
  }
}
