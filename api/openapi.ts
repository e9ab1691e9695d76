import { z, type OpenAPIHono } from '@hono/zod-openapi';
import type { ZodType } from 'zod';
import { ProblemSchema } from '../contracts/api.ts';
import type { Scope } from '../contracts/roles.ts';
import type { ApiEnvironment } from './context.ts';

export type ApiApp = OpenAPIHono<ApiEnvironment>;

/** Who may use a route: every route behind `/api/` says it with this, in the document too, and `authorize.ts` reads it from there. */
export function needs(scope: Scope): { apiKey: string[] }[] {
  return [{ apiKey: [scope] }];
}

export const OPENAPI_INFO = {
  openapi: '3.1.0',
  info: {
    title: 'Lectern',
    version: '1',
    description: 'Recorded lectures, searchable, answerable and citable to the second. Errors are problem documents (RFC 9457).',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
};

/** A JSON body or answer of this shape. */
export function jsonOf<T extends ZodType>(schema: T): { 'application/json': { schema: T } } {
  return { 'application/json': { schema } };
}

const PROBLEM_DESCRIPTIONS = {
  400: 'The request is not valid',
  401: 'The API key is missing or wrong',
  403: 'The role of the API key may not do this',
  404: 'Nothing of this id is there for this tenant',
  409: 'The request contradicts what is there',
  413: 'The body is too large',
  415: 'The body has another content type',
  416: 'The range lies outside the recording',
  429: 'More requests than the tenant or the key may send in a minute; `Retry-After` says when to come back',
  503: 'A part of Lectern cannot be reached; try again',
  507: 'There is no room to keep this',
} as const;

/** Once in the document, not once a route and status. Made anew because schemas made before this library was loaded lack its method. */
const DocumentedProblemSchema = z.object(ProblemSchema.shape).openapi('Problem');

interface ProblemResponse {
  description: string;
  content: { 'application/problem+json': { schema: typeof DocumentedProblemSchema } };
}

/** The problem documents a route may answer with; every route behind `/api/` has its limits. */
export function problems<S extends keyof typeof PROBLEM_DESCRIPTIONS>(...statuses: S[]): Record<S | 429, ProblemResponse> {
  const content = { 'application/problem+json': { schema: DocumentedProblemSchema } };
  const responses: Partial<Record<S | 429, ProblemResponse>> = {};
  for (const status of [...statuses, 429] as const) responses[status] = { description: PROBLEM_DESCRIPTIONS[status], content };
  return responses as Record<S | 429, ProblemResponse>;
}
