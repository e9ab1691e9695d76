import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts the message and the stack of an error into a payload, which the codec encrypts: else they would be the only text of a
 * history that anybody can read. Loaded by its path, into the sandbox of the workflows too.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
