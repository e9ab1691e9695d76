import { createHash } from 'node:crypto';
import type { LectureId } from '../../../contracts/identity.ts';
import { toChunkId } from '../../../retrieval/chunk-id.ts';

/** The one generation that an evaluation indexes. */
export const GENERATION = 'eval';

/** What the index holds of a passage, without its vectors. */
export interface DatasetPassage {
  chunkId: string;
  ordinal: number;
  text: string;
  /** Stored beside the text and searched with it, as `contextualize` does. */
  context: string | null;
  speaker: string | null;
  startSeconds: number;
  endSeconds: number;
}

export interface DatasetLecture {
  lectureId: LectureId;
  title: string;
  passages: DatasetPassage[];
}

export interface DatasetQuestion {
  id: string;
  text: string;
  /** The lecture that answers it, for a search in that lecture alone. */
  lectureId: LectureId;
  /** Gain of each passage that answers it, by chunk id; at least one. */
  relevant: ReadonlyMap<string, number>;
}

export interface Dataset {
  name: string;
  lectures: DatasetLecture[];
  questions: DatasetQuestion[];
  /** How passages were cut and what counts as relevant, for the report. */
  about: string;
}

/** A stable id made of what names the lecture in its data set. */
export function toLectureId(name: string): LectureId {
  return `lec_${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
}

export function toPassage(
  lectureId: LectureId,
  ordinal: number,
  passage: Pick<DatasetPassage, 'text' | 'startSeconds' | 'endSeconds'> & Partial<Pick<DatasetPassage, 'speaker' | 'context'>>,
): DatasetPassage {
  return { chunkId: toChunkId(lectureId, GENERATION, ordinal), ordinal, context: null, speaker: null, ...passage };
}
