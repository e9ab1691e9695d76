import { describe, expect, it } from 'vitest';
import type { QueryFilters } from '../../contracts/query.ts';
import type { SearchResult, Searcher } from '../search.ts';
import { cacheSearches } from './cached-searcher.ts';

/** A searcher over a world that changes: what it finds names the tenant, the question and the moment. */
function world() {
  const revisions = new Map<string, number>();
  const searched: string[] = [];
  let skipped: string[] = [];
  const searcher: Searcher = {
    search(tenantId, { question, limit, filters }): Promise<SearchResult> {
      searched.push(`${tenantId} ${question} ${limit} ${JSON.stringify(filters)} at ${revisions.get(tenantId) ?? 0}`);
      return Promise.resolve({
        passages: [],
        questionVector: new Float32Array([searched.length]),
        timingsMs: { embed: 1, index: 1 },
        skipped,
        unheardPhrases: [],
      });
    },
  };
  const cached = cacheSearches({
    searcher,
    index: { revision: (tenantId) => Promise.resolve(revisions.has(tenantId) ? String(revisions.get(tenantId)) : null) },
  });
  return {
    searched,
    cached,
    change: (tenantId: string) => revisions.set(tenantId, (revisions.get(tenantId) ?? 0) + 1),
    cutShort: (stages: string[]) => {
      skipped = stages;
    },
    ask: (tenantId: string, question = 'why?', filters: QueryFilters = {}, limit = 5) =>
      cached.search(tenantId, { question, limit, filters }),
  };
}

describe('cacheSearches', () => {
  it('answers the same question from memory, and says how long that took', async () => {
    const { ask, searched, cached } = world();
    const first = await ask('t', 'why?', { courses: ['bio'], fromSeconds: 3 });
    const again = await ask('t', 'why?', { fromSeconds: 3, courses: ['bio'] });
    expect(searched).toHaveLength(1);
    expect({ ...again, timingsMs: {} }).toEqual({ ...first, timingsMs: {} });
    expect(Object.keys(again.timingsMs)).toEqual(['cache']);
    expect(cached.stats()).toEqual({ hits: 1, misses: 1 });
  });

  it('searches again once anything that the tenant sees has changed', async () => {
    const { ask, searched, change } = world();
    await ask('t');
    change('t');
    await ask('t');
    expect(searched).toEqual(['t why? 5 {} at 0', 't why? 5 {} at 1']);
    change('other');
    await ask('t');
    expect(searched).toHaveLength(2);
  });

  it('shares nothing between tenants, questions, filters or limits', async () => {
    const { ask, searched } = world();
    await ask('left');
    await ask('right');
    await ask('left', 'how?');
    await ask('left', 'why?', { roles: ['lecturer'] });
    await ask('left', 'why?', {}, 6);
    expect(searched).toHaveLength(5);
  });

  it('keeps nothing that a budget cut short', async () => {
    const { ask, searched, cutShort } = world();
    cutShort(['rerank']);
    await ask('t');
    cutShort([]);
    await ask('t');
    await ask('t');
    expect(searched).toHaveLength(2);
  });
});
