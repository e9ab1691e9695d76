import { LecternError, toLecternError, type ErrorKind } from '../../contracts/errors.ts';
import type { InferenceLogEntry } from './inference-log.ts';

/** A `LecternError` as structured clone carries it: a class instance would arrive as a bare `Error`. */
export interface WireError {
  kind: ErrorKind;
  message: string;
  cure: string | undefined;
  details: Record<string, string | number | boolean>;
  stack: string | undefined;
}

export interface ThreadInit {
  /** The engine module's URL. */
  module: string;
  init: unknown;
}

export type HostMessage = { call: number; method: string; args: unknown[] } | { close: true };

export type ThreadMessage =
  | { ready: string[] }
  | { initFailed: WireError }
  | { call: number; result: unknown }
  | { call: number; error: WireError }
  | { log: InferenceLogEntry };

export function toWireError(thrown: unknown): WireError {
  const error = toLecternError(thrown);
  const cause = error.cause instanceof Error ? error.cause : error;
  return { kind: error.kind, message: error.message, cure: error.cure, details: error.details, stack: cause.stack };
}

export function fromWireError(wire: WireError): LecternError {
  const cause = new Error(wire.message);
  if (wire.stack !== undefined) cause.stack = wire.stack;
  return new LecternError(wire.kind, wire.message, {
    ...(wire.cure === undefined ? {} : { cure: wire.cure }),
    details: wire.details,
    cause,
  });
}

/** The buffers below `value` that a message can give away: those that one typed array fills wholly. */
export function transferable(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength) found.add(value.buffer);
  } else if (Array.isArray(value)) {
    // An array of numbers or strings holds no buffers: looking at its first item spares walking all of it.
    if (typeof value[0] === 'object') for (const item of value) transferable(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) transferable(item, found);
  }
  return [...found];
}
