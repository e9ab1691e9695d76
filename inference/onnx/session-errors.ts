import { basename } from 'node:path';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import { isOutOfMemory } from './cuda-errors.ts';

/** Why a model did not load: `model-missing`, `out-of-resources`, `unavailable` (its provider) or `internal`. */
export function toSessionError(error: unknown, modelPath: string, provider: string): LecternError {
  const { message } = toLecternError(error);
  if (/doesn't exist|No such file/i.test(message)) {
    return new LecternError('model-missing', `model file ${modelPath} is missing or incomplete`, {
      cure: 'Run `lectern models pull`.',
      cause: error,
    });
  }
  if (isOutOfMemory(message)) {
    return new LecternError('out-of-resources', `${basename(modelPath)} does not fit into the memory of ${provider}: ${message}`, {
      cause: error,
    });
  }
  return new LecternError(
    provider === 'cpu' ? 'internal' : 'unavailable',
    `${basename(modelPath)} does not load on ${provider}: ${message}`,
    {
      cause: error,
    },
  );
}
