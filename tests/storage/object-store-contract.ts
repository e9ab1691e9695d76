import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../storage/object-store.ts';
import { describeConditionalWrites } from './conditional-write-contract.ts';
import { CONTRACT_FOLDER, type ContractSubject } from './contract-subject.ts';
import { describeListing } from './listing-contract.ts';
import { describeWholeObjects } from './whole-object-contract.ts';

/** What every adapter of `ObjectStore` must do. `open` is called twice: each result stands for another process. */
export function describeObjectStore(adapter: string, open: () => Promise<ObjectStore>): void {
  describe(`object store: ${adapter}`, () => {
    const opened: ObjectStore[] = [];
    const at = (index: number): ObjectStore => {
      const store = opened[index];
      if (store === undefined) throw new Error('the store is not open yet');
      return store;
    };
    const subject: ContractSubject = { store: () => at(0), other: () => at(1) };

    beforeAll(async () => {
      opened.push(await open(), await open());
    });
    afterAll(async () => {
      await at(0).deletePrefix(CONTRACT_FOLDER);
      for (const store of opened) await store.close();
    });

    describeWholeObjects(subject);
    describeConditionalWrites(subject);
    describeListing(subject);

    it('says that it serves', async () => {
      await expect(at(0).health()).resolves.toBeUndefined();
    });
  });
}
