import { describe, expect, it } from 'vitest';
import { openOnce } from './open-once.ts';

describe('openOnce', () => {
  it('opens at the first use and shares what it opened', async () => {
    let opened = 0;
    const open = openOnce(async () => (opened += 1));
    expect(opened).toBe(0);
    expect(await Promise.all([open(), open()])).toEqual([1, 1]);
  });

  it('tries again after a failure', async () => {
    let tries = 0;
    const open = openOnce(async () => {
      tries += 1;
      if (tries === 1) throw new Error('not pulled yet');
      return tries;
    });
    await expect(open()).rejects.toThrow('not pulled yet');
    expect(await open()).toBe(2);
  });
});
