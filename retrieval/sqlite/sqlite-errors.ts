import { LecternError, type ErrorKind } from '../../contracts/errors.ts';

// Primary result codes of SQLite that are about the machine or the file, not about our statements.
const KINDS: Readonly<Record<number, { kind: ErrorKind; what: string; cure: string }>> = {
  5: { kind: 'unavailable', what: 'is locked by another process', cure: 'Try again; if it stays locked, stop the process that holds it.' },
  6: { kind: 'unavailable', what: 'is locked', cure: 'Try again.' },
  7: { kind: 'out-of-resources', what: 'needs more memory than there is', cure: 'Free memory and try again.' },
  8: { kind: 'unavailable', what: 'cannot be written', cure: 'Give the process write permission to the file and its folder.' },
  10: { kind: 'unavailable', what: 'cannot be read or written', cure: 'Check the disk that holds it.' },
  11: {
    kind: 'unavailable',
    what: 'is damaged',
    cure: 'Stop Lectern, remove the file and ingest again: it is derived from the stored lectures.',
  },
  13: { kind: 'out-of-resources', what: 'does not fit on the disk', cure: 'Free disk space and try again.' },
  14: { kind: 'unavailable', what: 'cannot be opened', cure: 'Check that its folder exists and can be written.' },
  26: {
    kind: 'unavailable',
    what: 'is not an index',
    cure: 'Stop Lectern, remove the file and ingest again: it is derived from the stored lectures.',
  },
};

/** What node:sqlite threw, as a typed error; anything else as it is. */
export function toIndexError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  // Extended codes keep the primary one in their low byte.
  const known = KINDS[error.errcode & 0xff];
  if (!known) return new LecternError('internal', `index ${path}: ${error.message}`, { cause: error });
  return new LecternError(known.kind, `The index ${path} ${known.what}: ${error.message}`, { cure: known.cure, cause: error });
}
