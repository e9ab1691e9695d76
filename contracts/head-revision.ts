import type { ArtifactRef } from './ingest.ts';
import type { HeadRevision, Lecture } from './lecture.ts';

/** The revision that readers of a lecture's transcript see; `undefined` while there is no transcript. */
export function headOf(lecture: Lecture): HeadRevision | undefined {
  if (lecture.revision !== undefined) return lecture.revision;
  const { transcript: key } = lecture.artifacts;
  if (key === undefined) return undefined;
  const transcript = toArtifactRef(key);
  return { number: 1, transcript, machine: transcript, lastLabel: 0, published: { number: 1, digest: transcript.digest } };
}

/** The revision that search finds: the head, once it is published. */
export function publishedRevision({ number, transcript, published }: HeadRevision): number {
  return published.digest === transcript.digest ? number : published.number;
}

/** An artifact's key ends with its digest. */
export function toArtifactRef(key: string): ArtifactRef {
  return { key, digest: key.slice(key.lastIndexOf('/') + 1).replace(/\.json$/, '') };
}
