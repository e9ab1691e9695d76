/** A request of the HTTP API, beside its path. */
export interface Call {
  method?: string;
  query?: Record<string, string | number | undefined>;
  body?: NonNullable<RequestInit['body']>;
  headers?: Record<string, string>;
}

export function jsonCall(method: string, body: unknown): Call {
  return { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
