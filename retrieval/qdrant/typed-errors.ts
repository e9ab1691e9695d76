import type { VectorIndex } from '../vector-index.ts';
import { toIndexError } from './qdrant-errors.ts';

/** `index`, with whatever its client throws typed. */
export function withTypedErrors(index: VectorIndex, url: string): VectorIndex {
  const typed = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw toIndexError(error, url);
    });
  return {
    writeChunks: (...values) => typed(index.writeChunks(...values)),
    countChunks: (...values) => typed(index.countChunks(...values)),
    activate: (...values) => typed(index.activate(...values)),
    activeGeneration: (...values) => typed(index.activeGeneration(...values)),
    stage: (...values) => typed(index.stage(...values)),
    moveTogether: (...values) => typed(index.moveTogether(...values)),
    discardGeneration: (...values) => typed(index.discardGeneration(...values)),
    nameSpeaker: (...values) => typed(index.nameSpeaker(...values)),
    deleteLecture: (...values) => typed(index.deleteLecture(...values)),
    deleteTenant: (...values) => typed(index.deleteTenant(...values)),
    catalogue: (...values) => typed(index.catalogue(...values)),
    revision: (...values) => typed(index.revision(...values)),
    search: (...values) => typed(index.search(...values)),
    getChunks: (...values) => typed(index.getChunks(...values)),
    health: () => typed(index.health()),
    close: () => typed(index.close()),
  };
}
