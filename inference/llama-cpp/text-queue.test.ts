import { array, assert, asyncProperty, constantFrom } from 'fast-check';
import { expect, it } from 'vitest';
import { createTextQueue } from './text-queue.ts';

it('hands on every piece once and in order, whether it comes before or after it is asked for', async () => {
  await assert(
    asyncProperty(array(constantFrom('write', 'rest'), { maxLength: 20 }), async (steps) => {
      const queue = createTextQueue();
      const read: string[] = [];
      const reading = (async () => {
        for await (const piece of queue.read()) read.push(piece);
      })();
      const written: string[] = [];
      for (const [at, step] of steps.entries()) {
        if (step === 'rest') await Promise.resolve();
        else {
          written.push(String(at));
          queue.push(String(at));
        }
      }
      queue.end();
      await reading;
      expect(read).toEqual(written);
    }),
  );
});

it('fails after what was written before', async () => {
  const queue = createTextQueue();
  queue.push('one');
  queue.fail(new Error('away'));
  const reader = queue.read();
  expect(await reader.next()).toEqual({ done: false, value: 'one' });
  await expect(reader.next()).rejects.toThrow('away');
});
