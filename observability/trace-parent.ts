/** Version 00 of W3C's trace context, the one there is; an id of zeros alone is no id. */
const TRACE_PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace id (32 hex digits) of a `traceparent` header; `undefined` where it is none. */
export function readTraceId(traceParent: string | undefined): string | undefined {
  return TRACE_PARENT.exec(traceParent ?? '')?.[1];
}
