import type { ModelFile } from './catalogue.ts';

/** How far one download is; `file` is what comes down just now (a model's file, or the wheel that holds it). */
interface FetchProgress {
  file: string;
  doneBytes: number;
  totalBytes: number;
}

export type OnFetchProgress = (progress: FetchProgress) => void;

/** A place that files come from. */
export interface ModelSource<Source> {
  /**
   * Leaves the bytes of `file` at `partPath`, unverified: the store checks the SHA-256. May go on with what is there already.
   * Throws a `LecternError` that says in one line why this source does not give the file.
   */
  fetch(source: Source, file: ModelFile, partPath: string, onProgress: OnFetchProgress): Promise<void>;
}

/** Passes on one call each 200 ms and the last one: terminals and logs need no more. */
export function throttled(onProgress: OnFetchProgress): OnFetchProgress {
  let next = 0;
  return (progress) => {
    const now = performance.now();
    if (now < next && progress.doneBytes < progress.totalBytes) return;
    next = now + 200;
    onProgress(progress);
  };
}

/** A size for people, in decimal units as download pages give it. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
