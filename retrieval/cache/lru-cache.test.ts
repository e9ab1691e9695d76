import { array, assert, integer, property, record, constantFrom } from 'fast-check';
import { expect, it } from 'vitest';
import { LruCache } from './lru-cache.ts';

it('never holds more than its bound, and always what was asked for last', () => {
  const step = record({ key: constantFrom('a', 'b', 'c', 'd'), bytes: integer({ min: 1, max: 12 }), isRead: constantFrom(true, false) });
  assert(
    property(array(step, { maxLength: 60 }), (steps) => {
      const cache = new LruCache<number>(10);
      // The same by plain lists: least recently used first.
      const answers: [number | undefined, number | undefined][] = [];
      let held: { key: string; bytes: number; value: number }[] = [];
      for (const [value, { key, bytes, isRead }] of steps.entries()) {
        const known = held.find((entry) => entry.key === key);
        held = held.filter((entry) => entry !== known);
        if (isRead) {
          answers.push([cache.get(key), known?.value]);
          if (known) held.push(known);
          continue;
        }
        cache.set(key, value, bytes);
        if (bytes > 10) continue;
        held.push({ key, bytes, value });
        while (held.reduce((sum, entry) => sum + entry.bytes, 0) > 10) held.shift();
      }
      expect(answers.map(([given]) => given)).toEqual(answers.map(([, expected]) => expected));
      expect(cache.stats).toMatchObject({ entries: held.length, bytes: held.reduce((sum, entry) => sum + entry.bytes, 0) });
    }),
  );
});
