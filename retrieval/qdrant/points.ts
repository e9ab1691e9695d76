import { createHash } from 'node:crypto';
import type { Schemas } from '@qdrant/js-client-rest';
import type { LectureId } from '../../contracts/identity.ts';
import type { SpeakerRole, TranscribedWord } from '../../contracts/transcript.ts';
import { toChunkId } from '../chunk-id.ts';
import { toWords } from '../terms.ts';
import type { CatalogueEntry, GenerationMove, IndexedChunk, StoredChunk } from '../vector-index.ts';
import { toBm25Document } from './bm25-vector.ts';
import type { VectorNames } from './vector-names.ts';

// Five kinds of point live in a tenant's collection: `chunk` with vectors, `lecture` (which generation readers see, and
// its names), one `revision`, whose value changes whenever a lecture's generation does, `staged` (a generation that can be moved to) and,
// while lectures move together, `move` (which do, from where to where).

/** Payload of a chunk's point. */
interface ChunkPayload {
  kind: 'chunk';
  lecture_id: LectureId;
  generation: string;
  /** Lecture and generation in one short value, for filters that list many. */
  generation_key: string;
  ordinal: number;
  speaker: string | null;
  speaker_name: string | null;
  /** Absent from points that were written before there were roles. */
  role?: SpeakerRole | null;
  start_seconds: number;
  end_seconds: number;
  text: string;
  /** Its words alone, as phrases are looked for: lower case, without punctuation and diacritics. */
  spoken: string;
  context: string | null;
  /** JSON: nobody filters by it. */
  words: string;
}

/** Payload of a lecture's pointer. */
export interface LecturePayload {
  kind: 'lecture';
  lecture_id: LectureId;
  generation: string;
  chunks: number;
  /** The generation that a move left; absent from points that were written before there were moves. */
  former?: string | null;
  title: string | null;
  course: string | null;
  semester: string | null;
}

/** Payload of the mark of a generation that can be moved to. */
export interface StagedPayload {
  kind: 'staged';
  lecture_id: LectureId;
  generation: string;
  generation_key: string;
  chunks: number;
}

/** A lecture on its way from one staged generation to another, and how many chunks these hold. */
export interface PendingMove extends GenerationMove {
  fromChunks: number;
  toChunks: number;
}

/** Every field that a filter names, with its index: strict mode refuses filters on others. */
export const PAYLOAD_INDEXES: Readonly<Record<string, Schemas['PayloadFieldSchema']>> = {
  kind: 'keyword',
  lecture_id: 'keyword',
  generation: 'keyword',
  generation_key: 'keyword',
  speaker: 'keyword',
  speaker_name: 'keyword',
  role: 'keyword',
  start_seconds: 'float',
  end_seconds: 'float',
  spoken: { type: 'text', tokenizer: 'whitespace', lowercase: false, phrase_matching: true },
};

export const REVISION_POINT = toPointId('revision');

export function lecturePoint(lectureId: LectureId): string {
  return toPointId('lecture', lectureId);
}

export function chunkPoint(lectureId: LectureId, generation: string, ordinal: number): string {
  return toPointId('chunk', lectureId, generation, String(ordinal));
}

export function stagedPoint(lectureId: LectureId, generation: string): string {
  return toPointId('staged', lectureId, generation);
}

export function toStagedPoint(lectureId: LectureId, generation: string, chunks: number): Schemas['PointStruct'] {
  const generation_key = toGenerationKey(lectureId, generation);
  const payload: StagedPayload = { kind: 'staged', lecture_id: lectureId, generation, generation_key, chunks };
  return { id: stagedPoint(lectureId, generation), vector: {}, payload: { ...payload } };
}

export function toGenerationKey(lectureId: LectureId, generation: string): string {
  return digest(lectureId, generation).slice(0, 16);
}

export function toChunkPoint(lectureId: LectureId, generation: string, chunk: IndexedChunk, names: VectorNames): Schemas['PointStruct'] {
  const searched = chunk.context === null ? chunk.text : `${chunk.context}\n${chunk.text}`;
  const vector = { [names.dense]: [...chunk.dense], [names.sparse]: chunk.sparse, bm25: toBm25Document(searched) };
  const payload: ChunkPayload = {
    kind: 'chunk',
    lecture_id: lectureId,
    generation,
    generation_key: toGenerationKey(lectureId, generation),
    ordinal: chunk.ordinal,
    speaker: chunk.speaker,
    speaker_name: chunk.speakerName ?? null,
    role: chunk.role ?? null,
    start_seconds: chunk.startSeconds,
    end_seconds: chunk.endSeconds,
    text: chunk.text,
    spoken: toWords(chunk.text).join(' '),
    context: chunk.context,
    words: JSON.stringify(chunk.words),
  };
  return { id: chunkPoint(lectureId, generation, chunk.ordinal), vector, payload: { ...payload } };
}

export function toLecturePayload(entry: CatalogueEntry, generation: string, chunks: number): LecturePayload {
  return {
    kind: 'lecture',
    lecture_id: entry.lectureId,
    generation,
    chunks,
    title: entry.title ?? null,
    course: entry.course ?? null,
    semester: entry.semester ?? null,
  };
}

export function toCatalogueEntry({ lecture_id, title, course, semester }: LecturePayload): CatalogueEntry {
  return {
    lectureId: lecture_id,
    ...(title === null ? {} : { title }),
    ...(course === null ? {} : { course }),
    ...(semester === null ? {} : { semester }),
  };
}

export function chunkIdOf(payload: unknown): string {
  const { lecture_id, generation, ordinal } = payload as ChunkPayload;
  return toChunkId(lecture_id, generation, ordinal);
}

export function toStoredChunk(lecture: LecturePayload, payload: unknown): StoredChunk {
  const chunk = payload as ChunkPayload;
  return {
    ...toCatalogueEntry(lecture),
    chunkId: chunkIdOf(chunk),
    ordinal: chunk.ordinal,
    speaker: chunk.speaker,
    ...(chunk.speaker_name === null ? {} : { speakerName: chunk.speaker_name }),
    ...(chunk.role == null ? {} : { role: chunk.role }),
    startSeconds: chunk.start_seconds,
    endSeconds: chunk.end_seconds,
    text: chunk.text,
    context: chunk.context,
    words: JSON.parse(chunk.words) as TranscribedWord[],
  };
}

/** A UUID of what the point is, so that writing it again replaces it. */
function toPointId(...parts: string[]): string {
  const hex = digest(...parts);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

function digest(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}
