import { describe, expect, it } from 'vitest';
import { ProblemSchema } from '../contracts/api.ts';
import { ERROR_KINDS, LecternError } from '../contracts/errors.ts';
import { toProblemResponse } from './problem.ts';

const REQUEST = '9d4f4f0e-6c5f-4b53-8b1a-0d6f3a5b9c11';

describe('toProblemResponse', () => {
  it.each(ERROR_KINDS)('writes a problem document for %s', async (kind) => {
    const response = toProblemResponse(new LecternError(kind, 'the words', { cure: 'Do this.' }), REQUEST);
    const problem = ProblemSchema.parse(await response.json());
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({ kind, status: response.status, instance: `urn:uuid:${REQUEST}` });
    expect(response.status).toBeGreaterThanOrEqual(400);
  });

  it('tells nothing of an error that is not ours', async () => {
    const text = await toProblemResponse(new Error('ENOENT /srv/secret/key'), REQUEST).text();
    expect(text).not.toContain('secret');
    expect(JSON.parse(text)).toMatchObject({ status: 500, kind: 'internal' });
  });

  it('answers 413 for an upload over its limit and says when to come back', () => {
    const tooLarge = new LecternError('invalid-input', 'too large', { details: { limitBytes: 10 } });
    expect(toProblemResponse(tooLarge, REQUEST).status).toBe(413);
    expect(toProblemResponse(new LecternError('unavailable', 'down'), REQUEST).headers.get('retry-after')).toBe('5');
    expect(toProblemResponse(new LecternError('unauthorized', 'no'), REQUEST).headers.get('www-authenticate')).toContain('Bearer');
  });
});
