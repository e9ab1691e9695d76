import type { ByteRange } from '../storage/object-store.ts';

/**
 * Reads a `Range` header (RFC 9110) for an object of `bytes` bytes. `undefined`: no usable range, send all of it (also for
 * several ranges, which a server may ignore). `'unsatisfiable'`: answer 416.
 */
export function parseByteRange(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const matched = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '');
  const [first, last] = [matched?.[1] ?? '', matched?.[2] ?? ''];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 || bytes === 0 ? 'unsatisfiable' : { start: Math.max(0, bytes - suffix), end: bytes };
  }
  const start = Number(first);
  const end = last === '' ? Infinity : Number(last) + 1;
  if (end <= start) return undefined;
  return start >= bytes ? 'unsatisfiable' : { start, end: Math.min(end, bytes) };
}
