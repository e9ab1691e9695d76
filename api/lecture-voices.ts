import { isKind } from '../contracts/errors.ts';
import type { Lecture } from '../contracts/lecture.ts';
import { LectureVoicesSchema, type LectureVoices, type VoiceModel } from '../contracts/voiceprints.ts';
import type { ApiDeps } from './dependencies.ts';

/** The voices kept with a lecture; `undefined` where none were, or where they are gone. */
export async function readVoices(artifacts: ApiDeps['artifacts'], lecture: Lecture): Promise<LectureVoices | undefined> {
  const key = lecture.artifacts.voices;
  if (key === undefined) return undefined;
  try {
    return await artifacts.read({ key }, LectureVoicesSchema);
  } catch (error) {
    // Deleted with the tenant's others when voiceprints were turned off; the document still names it.
    if (isKind(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Only vectors of one model can be compared. */
export function isSameModel(a: VoiceModel, b: VoiceModel): boolean {
  return a.name === b.name && a.revision === b.revision && a.precision === b.precision;
}
