import type { z } from 'zod';
import { LecternError } from '../contracts/errors.ts';

/** All issues of a failed validation in one line: `limit: too big; filters.courses: ...`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ');
}

/**
 * What `@hono/zod-openapi` calls after checking a part of a request. An id of the wrong form names nothing, so it is as
 * unknown as a foreign one: `not-found`. All else is `invalid-input`.
 */
export function refuseInvalid(result: { success: boolean; target?: string; error?: unknown }): void {
  if (result.success) return;
  if (result.target === 'param') throw new LecternError('not-found', 'there is nothing of this id');
  throw new LecternError('invalid-input', describeIssues(result.error as z.ZodError), {
    cure: 'Correct the fields named; `/openapi.json` describes them.',
  });
}
