import { LecternError } from '../contracts/errors.ts';
import type { Lecture } from '../contracts/lecture.ts';
import { TranscriptSchema, type Transcript } from '../contracts/transcript.ts';
import type { ApiDeps } from './dependencies.ts';

/** Errors: `not-found` while there is none. */
export async function readTranscript(artifacts: ApiDeps['artifacts'], lecture: Lecture): Promise<Transcript> {
  if (lecture.artifacts.transcript === undefined) {
    throw new LecternError('not-found', `the lecture has no transcript: it is ${lecture.state}`, { cure: 'Wait for its job to complete.' });
  }
  return artifacts.read({ key: lecture.artifacts.transcript }, TranscriptSchema);
}
