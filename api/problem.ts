import { toLecternError, type ErrorKind, type LecternError } from '../contracts/errors.ts';
import type { Problem } from '../contracts/api.ts';

/** The one place where an error kind becomes an HTTP status. */
const STATUS_OF_KIND = {
  'invalid-input': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'unsupported-media': 415,
  'rate-limited': 429,
  internal: 500,
  unavailable: 503,
  'model-missing': 503,
  'out-of-resources': 507,
} as const satisfies Record<ErrorKind, number>;

const TITLE_OF_KIND: Record<ErrorKind, string> = {
  'invalid-input': 'The request is not valid',
  unauthorized: 'A valid API key is needed',
  forbidden: 'This API key is not for that',
  'not-found': 'There is no such thing here',
  conflict: 'The request contradicts what is there',
  'unsupported-media': 'This kind of media cannot be read',
  'rate-limited': 'Too many requests',
  internal: 'Lectern failed',
  unavailable: 'A part of Lectern cannot be reached',
  'model-missing': 'A model is not installed',
  'out-of-resources': 'There is not enough room to do this',
};

/** Seconds after which asking again may help. */
const RETRY_AFTER_SECONDS: Partial<Record<ErrorKind, number>> = { unavailable: 5, 'rate-limited': 5, 'out-of-resources': 60 };

/**
 * The answer for any thrown value. What is not ours is told as `internal` without its text: a message of a library may
 * hold paths, addresses or keys. `requestId` leads to the log line that has it.
 */
export function toProblemResponse(error: unknown, requestId: string): Response {
  const ours = toLecternError(error);
  const problem = toProblem(ours, requestId);
  const retryAfterSeconds = ours.details['retryAfterSeconds'] ?? RETRY_AFTER_SECONDS[ours.kind];
  return Response.json(problem, {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...(problem.status === 416 ? { 'content-range': `bytes */${ours.details['rangeBytes']}` } : {}),
      ...(ours.kind === 'unauthorized' ? { 'www-authenticate': 'Bearer realm="lectern"' } : {}),
    },
  });
}

/** The document alone, for where the status has been sent already. */
export function toProblem(error: LecternError, requestId: string): Problem {
  const isSecret = error.kind === 'internal';
  const status = statusOf(error);
  const cure = isSecret ? 'Try again; if it stays, tell the operator the instance.' : error.cure;
  return {
    type: `urn:lectern:problem:${error.kind}`,
    title: TITLE_OF_KIND[error.kind],
    status,
    detail: isSecret ? 'something unexpected happened' : error.message,
    kind: error.kind,
    ...(cure === undefined ? {} : { cure }),
    instance: `urn:uuid:${requestId}`,
  };
}

/** Two invalid inputs have a status of their own, which proxies and players know: too large, and a range that is not there. */
function statusOf({ kind, details }: LecternError): number {
  if (kind === 'invalid-input' && 'limitBytes' in details) return 413;
  if (kind === 'invalid-input' && 'rangeBytes' in details) return 416;
  return STATUS_OF_KIND[kind];
}
