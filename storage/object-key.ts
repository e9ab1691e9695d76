import { LecternError } from '../contracts/errors.ts';

/** S3 allows 1,024 bytes a key, file systems 255 a name: these leave room for what an adapter adds. */
const MAX_KEY_LENGTH = 900;
const MAX_SEGMENT_LENGTH = 200;
const SEGMENT = /^[A-Za-z0-9._-]+$/;

/** Throws `invalid-input` for what is no key: every adapter's wall against paths that climb. */
export function checkKey(key: string): void {
  if (key.length > MAX_KEY_LENGTH || !key.split('/').every(isSegment)) throw invalid('an object key', key);
}

/** A prefix is the beginning of a key, the empty one included. */
export function checkPrefix(prefix: string): void {
  const segments = prefix.split('/');
  const last = segments.pop() ?? '';
  const isWhole = segments.every(isSegment) && (last === '' || SEGMENT.test(last)) && last !== '..';
  if (prefix.length > MAX_KEY_LENGTH || !isWhole) throw invalid('a prefix of object keys', prefix);
}

/** A prefix that names everything below a folder, never half a name: what may be deleted at once. */
export function checkFolderPrefix(prefix: string): void {
  if (!prefix.endsWith('/')) throw invalid('a folder of object keys (it must end with /)', prefix);
  checkPrefix(prefix);
}

function isSegment(segment: string): boolean {
  return segment.length <= MAX_SEGMENT_LENGTH && SEGMENT.test(segment) && segment !== '.' && segment !== '..';
}

function invalid(what: string, text: string): LecternError {
  return new LecternError('invalid-input', `not ${what}: ${JSON.stringify(text.slice(0, 120))}`);
}
