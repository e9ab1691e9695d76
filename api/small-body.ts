import { bodyLimit } from 'hono/body-limit';
import { LecternError } from '../contracts/errors.ts';

/** A question with full filters, the largest JSON that a route takes, is far below. */
const MAX_BODY_BYTES = 64 * 1024;

/** For routes whose body is a small JSON document. */
export const smallBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new LecternError('invalid-input', `the body is over ${MAX_BODY_BYTES} bytes`, { details: { limitBytes: MAX_BODY_BYTES } });
  },
});
