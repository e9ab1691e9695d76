import { expect, it } from 'vitest';
import { shareModel } from './share-model.ts';

/** Counts what is open. */
function countingModel() {
  const counts = { opened: 0, closed: 0 };
  const share = shareModel(() => {
    counts.opened++;
    return Promise.resolve({
      close: () => {
        counts.closed++;
        return Promise.resolve();
      },
    });
  });
  return { counts, share };
}

it('is opened by the first and closed with the last', async () => {
  const { counts, share } = countingModel();
  const [one, two] = await Promise.all([share(), share()]);
  expect(one.model).toBe(two.model);
  await one.release();
  expect(counts).toEqual({ opened: 1, closed: 0 });
  await two.release();
  expect(counts).toEqual({ opened: 1, closed: 1 });
});

it('is opened anew by whoever comes after', async () => {
  const { counts, share } = countingModel();
  await (await share()).release();
  const { model, release } = await share();
  expect(counts).toEqual({ opened: 2, closed: 1 });
  await release();
  expect(counts).toEqual({ opened: 2, closed: 2 });
  expect(model).toBeDefined();
});

it('is tried again where it could not be opened', async () => {
  let fails = true;
  const share = shareModel(() => (fails ? Promise.reject(new Error('not there')) : Promise.resolve({ close: () => Promise.resolve() })));
  await expect(Promise.all([share(), share()])).rejects.toThrow('not there');
  fails = false;
  await expect(share()).resolves.toHaveProperty('model');
});
