import type { TenantId } from '../../contracts/identity.ts';
import type { SearchResult, Searcher } from '../search.ts';
import type { VectorIndex } from '../vector-index.ts';
import { LruCache } from './lru-cache.ts';

const MAX_BYTES = 64 * 2 ** 20;

/** A word of a passage with its times, as V8 holds it. */
const WORD_BYTES = 120;

export interface CachedSearcher extends Searcher {
  stats: () => { hits: number; misses: number };
}

interface CachedSearcherDeps {
  searcher: Searcher;
  index: Pick<VectorIndex, 'revision'>;
}

/**
 * A searcher that answers the same question of the same tenant from memory while nothing that the tenant's readers see has changed.
 * The revision of the index is read before the search: what is found is at least as new as the key says, so a change is never
 * missed. Results that a budget cut short are not kept. Models and stages need no place in the key: what is kept ends with the searcher
 * that found it. There is no store shared between processes: asking one would take as long as searching.
 */
export function cacheSearches({ searcher, index }: CachedSearcherDeps): CachedSearcher {
  const cache = new LruCache<SearchResult>(MAX_BYTES);
  return {
    async search(tenantId, request, signal) {
      const started = performance.now();
      const key = toKey(tenantId, await index.revision(tenantId), request);
      const known = cache.get(key);
      if (known !== undefined) return { ...known, timingsMs: { cache: performance.now() - started } };
      const found = await searcher.search(tenantId, request, signal);
      if (found.skipped.length === 0) cache.set(key, found, estimateBytes(found));
      return found;
    },
    stats: () => ({ hits: cache.stats.hits, misses: cache.stats.misses }),
  };
}

/** Filters in any order of their names are the same filters. The budget is left out: what is kept was not cut by one. */
function toKey(tenantId: TenantId, revision: string | null, { question, limit, filters }: Parameters<Searcher['search']>[1]): string {
  const sorted = Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([tenantId, revision, question, limit, sorted]);
}

function estimateBytes({ passages, questionVector }: SearchResult): number {
  const ofPassages = passages.map(({ chunk }) => 4 * chunk.text.length + WORD_BYTES * chunk.words.length);
  return ofPassages.reduce((sum, bytes) => sum + bytes, questionVector.byteLength);
}
