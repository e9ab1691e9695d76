import { createHash, randomBytes } from 'node:crypto';
import { assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, collect, failingAfter, gated, keysOf, text, unevenChunks } from './bodies.ts';
import { folder, type ContractSubject } from './contract-subject.ts';

/** Bytes in, the same bytes out, whole or not at all. */
export function describeWholeObjects({ store, other }: ContractSubject): void {
  describe('whole objects', () => {
    it('gives back what was put, to another process too', async () => {
      const key = `${folder()}/document.json`;
      const put = await store().put(key, bytes('{"a":1}'), { contentType: 'application/json' });
      expect(put).toMatchObject({ key, bytes: 7 });
      const got = await other().get(key);
      expect(text(got.body)).toBe('{"a":1}');
      expect(got.info).toEqual(put);
      expect(await other().head(key)).toEqual(put);
    });

    it('keeps an empty object', async () => {
      const key = `${folder()}/empty`;
      await store().put(key, bytes(''));
      expect(await store().head(key)).toMatchObject({ bytes: 0 });
      expect(await collect(await store().stream(key))).toHaveLength(0);
    });

    it('replaces an object and changes its etag', async () => {
      const key = `${folder()}/x`;
      const first = await store().put(key, bytes('one'));
      const second = await store().put(key, bytes('three'));
      expect(second.etag).not.toBe(first.etag);
      expect(text((await store().get(key)).body)).toBe('three');
    });

    it('answers not-found', async () => {
      const key = `${folder()}/nothing`;
      expect(await store().head(key)).toBeUndefined();
      await expect(store().get(key)).rejects.toMatchObject({ kind: 'not-found' });
      await expect(store().stream(key)).rejects.toMatchObject({ kind: 'not-found' });
      await expect(store().stream(key, { start: 0, end: 0 })).rejects.toMatchObject({ kind: 'not-found' });
    });

    it('deletes, and does nothing where nothing is', async () => {
      const key = `${folder()}/x`;
      await store().put(key, bytes('x'));
      await store().delete(key);
      expect(await other().head(key)).toBeUndefined();
      await store().delete(key);
    });
  });

  describe('streams', () => {
    it('takes 40 MB of unknown length in uneven chunks and gives back the same bytes', async () => {
      const key = `${folder()}/long`;
      const written = createHash('sha256');
      const put = await store().put(
        key,
        unevenChunks(40_000_000, (chunk) => written.update(chunk)),
      );
      expect(put.bytes).toBe(40_000_000);
      const read = createHash('sha256');
      let length = 0;
      for await (const chunk of await store().stream(key)) {
        read.update(chunk);
        length += chunk.length;
      }
      expect(length).toBe(40_000_000);
      expect(read.digest('hex')).toBe(written.digest('hex'));
      expect(await store().head(key)).toEqual(put);
    });

    it('gives exactly the bytes of any range', async () => {
      const key = `${folder()}/ranges`;
      const body = randomBytes(1000);
      await store().put(key, body);
      const bound = integer({ min: 0, max: 1200 });
      await assert(
        asyncProperty(bound, bound, async (start, end) => {
          expect(Buffer.compare(await collect(await store().stream(key, { start, end })), body.subarray(start, Math.max(start, end)))).toBe(
            0,
          );
        }),
        {
          numRuns: 40,
          examples: [
            [0, 1],
            [999, 1000],
            [0, 1000],
            [1000, 1100],
            [5, 5],
            [7, 3],
          ],
        },
      );
    });

    it('shows nothing of a body that fails on the way, and keeps what was there', async () => {
      const base = folder();
      await store().put(`${base}/old`, bytes('old'));
      await expect(store().put(`${base}/new`, failingAfter(20_000_000))).rejects.toThrow('the client hung up');
      await expect(store().put(`${base}/old`, failingAfter(20_000_000))).rejects.toThrow('the client hung up');
      expect(await store().head(`${base}/new`)).toBeUndefined();
      expect(text((await store().get(`${base}/old`)).body)).toBe('old');
      expect(await keysOf(store(), `${base}/`)).toEqual([`${base}/old`]);
    });

    it('shows the old object, whole, until the new one is complete', async () => {
      const key = `${folder()}/swap`;
      await store().put(key, bytes('old'));
      const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
      const writing = store().put(key, gated(gate));
      expect(text((await other().get(key)).body)).toBe('old');
      openGate();
      await writing;
      expect(text((await other().get(key)).body)).toBe('new, all of it');
    });

    it('lets a reader finish the version that it began', async () => {
      const key = `${folder()}/read-on`;
      const body = randomBytes(3_000_000);
      await store().put(key, body);
      const reading = (await store().stream(key))[Symbol.asyncIterator]();
      const first = await reading.next();
      await other().put(key, bytes('replaced'));
      const rest = [first.value as Uint8Array];
      for (let next = await reading.next(); next.done !== true; next = await reading.next()) rest.push(next.value);
      expect(Buffer.compare(Buffer.concat(rest), body)).toBe(0);
    });
  });
}
