import type { Lecture } from '../contracts/lecture.ts';
import { DiarizationSchema } from '../contracts/transcript.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import { matchSpeakers } from '../transcript/match-speakers.ts';
import { readUnlessGone } from './read-unless-gone.ts';

/** Names by speaker label. */
type Names = Lecture['speakerNames'];

/** What a newer diarization means for the names that people gave: which label each has become, and the labels there are now. */
export interface LabelChange {
  speakers: readonly string[];
  /** Of the diarization that the lecture had. */
  before: string;
  moved: ReadonlyMap<string, string>;
}

/** `undefined` where the names can stay as they are: there are none, or nothing has changed. */
export async function findLabelChange(
  artifacts: Pick<ArtifactStore, 'read'>,
  lecture: Lecture,
  diarizationKey: string | undefined,
): Promise<LabelChange | undefined> {
  const before = lecture.artifacts.diarization;
  if (before === undefined || diarizationKey === undefined || before === diarizationKey) return undefined;
  if (Object.keys(lecture.speakerNames).length === 0) return undefined;
  const read = (key: string) => readUnlessGone(artifacts, { key }, DiarizationSchema);
  const [was, is] = [await read(before), await read(diarizationKey)];
  if (was === undefined || is === undefined) return undefined;
  return { before, speakers: is.speakers, moved: matchSpeakers(was.exclusiveTurns, is.exclusiveTurns) };
}

/** The names under their new labels. Who is not found again has none: unknown rather than wrong. */
export function moveNames(names: Names, { moved }: LabelChange): Names {
  return Object.fromEntries(
    Object.entries(names).flatMap(([label, name]) => {
      const now = moved.get(label);
      return now === undefined ? [] : [[now, name]];
    }),
  );
}
