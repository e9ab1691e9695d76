import { bodyLimit } from 'hono/body-limit';
import { LecternError } from '../contracts/errors.ts';

/** A question with full filters, the largest JSON that a route takes, is far below. */
const MAX_BODY_BYTES = 64 * 1024;

/** A thousand operations of some words each. */
const MAX_EDIT_BYTES = 1024 * 1024;

/** For routes whose body is a small JSON document. */
export const smallBody = limitBody(MAX_BODY_BYTES);

/** For routes whose body is an edit of a transcript. */
export const editBody = limitBody(MAX_EDIT_BYTES);

/** Refuses what is longer. `subject` begins the message: `the body is`. */
export function limitBody(limitBytes: number, subject = 'the body is'): ReturnType<typeof bodyLimit> {
  return bodyLimit({
    maxSize: limitBytes,
    onError: () => {
      throw new LecternError('invalid-input', `${subject} over ${limitBytes} bytes`, { details: { limitBytes } });
    },
  });
}
