/** The closed set of error kinds. A new kind is a decision: it changes the wire, Temporal and the exit codes. */
export const ERROR_KINDS = [
  'invalid-input',
  'unsupported-media',
  'not-found',
  'conflict',
  'unauthorized',
  'forbidden',
  'rate-limited',
  'unavailable',
  'model-missing',
  'out-of-resources',
  'internal',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Kinds that trying again cannot mend: the input, not the moment, is at fault. */
const TERMINAL_KINDS: ReadonlySet<ErrorKind> = new Set([
  'invalid-input',
  'unsupported-media',
  'not-found',
  'conflict',
  'unauthorized',
  'forbidden',
  'model-missing',
]);

export interface LecternErrorOptions {
  /** What the reader can do about it, as one imperative sentence. */
  cure?: string;
  cause?: unknown;
  /** Small facts for machines (limits, sizes). Never secrets, never transcript text. */
  details?: Record<string, string | number | boolean>;
}

/** The one error of Lectern's own code. `message` names the thing that is wrong; `cure` says what to do. */
export class LecternError extends Error {
  readonly kind: ErrorKind;
  readonly cure: string | undefined;
  readonly details: Record<string, string | number | boolean>;

  constructor(kind: ErrorKind, message: string, options: LecternErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LecternError';
    this.kind = kind;
    this.cure = options.cure;
    this.details = options.details ?? {};
  }
}

/** Whether it is one of ours, of this kind. */
export function isKind(error: unknown, kind: ErrorKind): error is LecternError {
  return error instanceof LecternError && error.kind === kind;
}

export function isRetryableKind(kind: ErrorKind): boolean {
  return !TERMINAL_KINDS.has(kind);
}

/** Any thrown value as a `LecternError`; what is not ours is `internal`, with the original as its cause. */
export function toLecternError(error: unknown): LecternError {
  if (error instanceof LecternError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LecternError('internal', message, { cause: error });
}
