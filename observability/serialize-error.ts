/** An error as a log line holds it. */
interface LoggedError {
  type: string;
  message: string;
  stack?: string;
  code?: string;
  kind?: string;
  cause?: LoggedError | string;
}

/** Causes of causes; a cycle would have no end. */
const DEEPEST_CAUSE = 5;

/** V8 quotes what it could not read, which may be a piece of a transcript. */
const QUOTED_JSON = /Unexpected token .{1,4}, (?:\.\.\.)?".*?"(?:\.\.\.)? is not valid JSON/gs;

/**
 * For `err` of a log line: what the error is, where it came from and what caused it. Other fields that a library hangs on its errors
 * (requests, headers, bodies) stay out, and so do quotes of what it was reading.
 */
export function serializeError(error: unknown): LoggedError | string {
  return serialize(error, 0);
}

function serialize(error: unknown, depth: number): LoggedError | string {
  if (!(error instanceof Error)) return withoutQuotes(typeof error === 'string' ? error : typeof error);
  const { code, kind } = error as { code?: unknown; kind?: unknown };
  return {
    type: error.name,
    message: withoutQuotes(error.message),
    ...(error.stack === undefined ? {} : { stack: withoutQuotes(error.stack) }),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(error.cause === undefined || depth === DEEPEST_CAUSE ? {} : { cause: serialize(error.cause, depth + 1) }),
  };
}

function withoutQuotes(text: string): string {
  return text.replaceAll(QUOTED_JSON, 'what was read is not valid JSON');
}
