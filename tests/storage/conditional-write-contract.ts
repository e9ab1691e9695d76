import { describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { bytes, text, unevenChunks } from './bodies.ts';
import { folder, type ContractSubject } from './contract-subject.ts';

/** Compare-and-set: what keeps two writers of one lecture from losing each other's work. */
export function describeConditionalWrites({ store, other }: ContractSubject): void {
  describe('conditional writes', () => {
    it('writes only where nothing is', async () => {
      const key = `${folder()}/once`;
      await store().put(key, bytes('first'), { ifAbsent: true });
      await expect(other().put(key, bytes('second'), { ifAbsent: true })).rejects.toMatchObject({ kind: 'conflict' });
      expect(text((await store().get(key)).body)).toBe('first');
    });

    it('writes only over the version that was read', async () => {
      const key = `${folder()}/cas`;
      const { etag } = await store().put(key, bytes('1'));
      const next = await other().put(key, bytes('2'), { ifMatch: etag });
      await expect(store().put(key, bytes('3'), { ifMatch: etag })).rejects.toMatchObject({ kind: 'conflict' });
      await store().put(key, bytes('4'), { ifMatch: next.etag });
      expect(text((await store().get(key)).body)).toBe('4');
    });

    it('does not bring back what was deleted', async () => {
      const key = `${folder()}/gone`;
      const { etag } = await store().put(key, bytes('1'));
      await other().delete(key);
      await expect(store().put(key, bytes('2'), { ifMatch: etag })).rejects.toMatchObject({ kind: 'conflict' });
      expect(await store().head(key)).toBeUndefined();
    });

    it('does not take a new life of an object for its former one', async () => {
      const key = `${folder()}/reborn`;
      const { etag } = await store().put(key, bytes('first life'));
      await store().delete(key);
      await store().put(key, bytes('second life'));
      await expect(store().put(key, bytes('x'), { ifMatch: etag })).rejects.toMatchObject({ kind: 'conflict' });
    });

    it('holds for long streams, too', async () => {
      const key = `${folder()}/long-cas`;
      await store().put(key, bytes('here'));
      await expect(store().put(key, unevenChunks(20_000_000), { ifAbsent: true })).rejects.toMatchObject({ kind: 'conflict' });
      await expect(store().put(key, unevenChunks(20_000_000), { ifMatch: 'f'.repeat(32) })).rejects.toMatchObject({ kind: 'conflict' });
      expect(text((await store().get(key)).body)).toBe('here');
      const { etag } = await store().put(key, bytes('there'));
      await store().put(key, unevenChunks(20_000_000), { ifMatch: etag });
      expect(await store().head(key)).toMatchObject({ bytes: 20_000_000 });
    });

    it('has exactly one winner among many that create', async () => {
      const key = `${folder()}/race`;
      const tries = Array.from({ length: 16 }, (_, i) =>
        (i % 2 === 0 ? store() : other()).put(key, bytes(`writer ${i}`), { ifAbsent: true }),
      );
      const settled = await Promise.allSettled(tries);
      const winners = settled.flatMap((result, i) => (result.status === 'fulfilled' ? [`writer ${i}`] : []));
      expect(winners).toHaveLength(1);
      expect(text((await store().get(key)).body)).toBe(winners[0]);
      const kinds = settled.flatMap((result) => (result.status === 'rejected' ? [(result.reason as LecternError).kind] : []));
      expect(new Set(kinds)).toEqual(new Set(['conflict']));
    });

    it('loses no increment of many that count', async () => {
      const key = `${folder()}/counter`;
      await store().put(key, bytes('0'));
      const increment = async (through: ObjectStore): Promise<void> => {
        for (;;) {
          const { body, info } = await through.get(key);
          try {
            await through.put(key, bytes(String(Number(text(body)) + 1)), { ifMatch: info.etag });
            return;
          } catch (error) {
            if (!(error instanceof LecternError) || error.kind !== 'conflict') throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 24 }, (_, i) => increment(i % 2 === 0 ? store() : other())));
      expect(text((await store().get(key)).body)).toBe('24');
    });
  });
}
