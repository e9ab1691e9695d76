import { describe, expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import { toApplicationFailure } from './failure.ts';

describe('toApplicationFailure', () => {
  it('carries the kind as type and tells the cure', () => {
    const failure = toApplicationFailure(
      new LecternError('model-missing', 'no whisper-base', { cure: 'Pull it.', details: { bytes: 7 } }),
      1,
    );
    expect(failure).toMatchObject({
      type: 'model-missing',
      message: 'no whisper-base. Pull it.',
      nonRetryable: true,
      details: [{ bytes: 7 }],
    });
  });

  it('lets what is unavailable wait as long as the policy does', () => {
    expect(toApplicationFailure(new LecternError('unavailable', 'away'), 20).nonRetryable).toBe(false);
  });

  it('gives a bug three attempts', () => {
    expect(toApplicationFailure(new TypeError('x is not a function'), 2)).toMatchObject({ type: 'internal', nonRetryable: false });
    expect(toApplicationFailure(new TypeError('x is not a function'), 3)).toMatchObject({ type: 'internal', nonRetryable: true });
  });

  it('knows a full disk', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(toApplicationFailure(full, 1)).toMatchObject({ type: 'out-of-resources', nonRetryable: false });
    expect(toApplicationFailure(full, 5).nonRetryable).toBe(true);
  });
});
