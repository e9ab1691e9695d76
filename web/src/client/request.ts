import { ProblemSchema, type Problem } from '../../../contracts/api.ts';
import { PAGE_HEADER } from '../../../contracts/session.ts';

/** What the API answered instead of what was asked for: a problem document. */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiProblem';
    this.problem = problem;
  }
}

type PageRequest = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

/** Sends a request of the page. Errors: `ApiProblem`; `TypeError` where the server cannot be reached. */
export async function send(path: string, init: PageRequest = {}): Promise<Response> {
  const response = await fetch(path, { ...init, headers: { ...init.headers, [PAGE_HEADER]: '1' } });
  if (!response.ok) throw readProblem(response.status, await response.text());
  return response;
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { headers: { accept: 'application/json' }, ...(signal === undefined ? {} : { signal }) });
  return (await response.json()) as T;
}

export async function sendJson<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T | undefined> {
  const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await send(path, { method, ...json });
  return response.status === 204 ? undefined : ((await response.json()) as T);
}

/** The problem document in a body; a proxy in between may have answered with something else. */
export function readProblem(status: number, body: string): ApiProblem {
  const parsed = ProblemSchema.safeParse(parseOrNull(body));
  if (parsed.success) return new ApiProblem(parsed.data);
  return new ApiProblem({
    type: 'about:blank',
    title: 'The server answered with an error',
    status,
    detail: `HTTP status ${status}`,
    kind: status === 401 ? 'unauthorized' : status >= 500 ? 'unavailable' : 'internal',
    instance: '',
  });
}

function parseOrNull(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
