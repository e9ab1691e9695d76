import { afterAll, beforeAll, describe } from 'vitest';
import { testGenerations } from './generation-contract.ts';
import { IndexUnderTest, type IndexStore } from './index-under-test.ts';
import { testMoves } from './move-contract.ts';
import { testSearch } from './search-contract.ts';

/** What every `VectorIndex` promises, whatever it stands on. */
export function describeVectorIndex(name: string, setUp: () => Promise<IndexStore>): void {
  describe(`VectorIndex on ${name}`, () => {
    const held = new IndexUnderTest();
    beforeAll(async () => await held.open(await setUp()));
    afterAll(async () => await held.close());
    testGenerations(held);
    testMoves(held);
    testSearch(held);
  });
}
