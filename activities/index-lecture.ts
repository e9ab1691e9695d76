import { isKind, LecternError } from '../contracts/errors.ts';
import type { CpuActivities, IndexInput, IndexResult, StageContext } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import { contentsOf, generationOf } from '../contracts/stages.ts';
import { ChunksSchema, ContextsSchema, EmbeddingsSchema, type Chunk, type Contexts, type Embeddings } from '../contracts/transcript.ts';
import type { CatalogueEntry, IndexedChunk, VectorIndex } from '../retrieval/vector-index.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { LectureStore } from '../storage/lectures.ts';
import type { RevisionStore } from '../storage/revisions.ts';
import { toActivity, type ActivityRun } from './activity.ts';
import { adoptTranscript } from './adopt-transcript.ts';

/** Rows of one write: a few hundred kilobytes, and a look at the cancellation between two. */
const BATCH = 64;

export interface IndexLectureDeps {
  artifacts: ArtifactStore;
  lectures: LectureStore;
  index: VectorIndex;
}

export interface IndexActivityDeps extends IndexLectureDeps {
  revisions: Pick<RevisionStore, 'append'>;
}

/** Tries against other writers of the lecture's index; each one that wins has activated a generation. */
const MAX_TRIES = 10;

/**
 * Writes a generation, counts it and activates it by compare-and-set; the one before serves until then. A generation is named by its
 * contents, so one that is active already is done. Passages of a transcript that was edited meanwhile are not activated.
 */
export function createIndexActivity(deps: IndexActivityDeps): CpuActivities['index'] {
  return toActivity(async (input, run) => {
    for (let tries = 1; ; tries++) {
      try {
        return await indexOnce(deps, input, run);
      } catch (error) {
        const isBeaten = isKind(error, 'conflict');
        if (!isBeaten || tries === MAX_TRIES || input.transcript === undefined) throw error;
      }
    }
  });
}

async function indexOnce(deps: IndexActivityDeps, input: IndexInput, run: ActivityRun): Promise<IndexResult> {
  const { tenantId, lectureId, transcript } = input;
  const contents = generationOf(input.embeddings);
  // Before the head is looked at: if it moves after that, what is made of the newer one either is activated later, or beats us here.
  const previous = await deps.index.activeGeneration(tenantId, lectureId);
  const reused = previous !== null && contentsOf(previous) === contents;
  const generation = reused ? previous : contents;
  const adopted = transcript === undefined ? undefined : await adoptTranscript(deps, { ...input, transcript });
  if (adopted === 'superseded') {
    if (!reused) await deps.index.discardGeneration(tenantId, lectureId, generation);
    return { generation: previous ?? generation, chunks: 0, reused: true, superseded: true };
  }
  const lecture = await requireLecture(deps.lectures, input);
  const entry = toCatalogueEntry(lecture);
  const rows = await readRows(deps.artifacts, lecture, input);
  if (!reused) await writeRows(deps.index, { tenantId, entry, generation, rows, run });
  run.signal.throwIfAborted();
  // Also when it is active: title and course of the catalogue may have changed since.
  await deps.index.activate(tenantId, entry, generation, rows.length, previous);
  await nameAsNow(deps, lecture);
  return { generation, chunks: rows.length, reused, ...adopted };
}

/**
 * Who was renamed while the rows were written is called by the new name on all of them. What is deleted stays deleted: a lecture that
 * went meanwhile takes its generation along.
 */
export async function nameAsNow(
  deps: Pick<IndexLectureDeps, 'lectures' | 'index'>,
  { tenantId, lectureId, speakerNames: written }: Lecture,
): Promise<void> {
  const now = await deps.lectures.get(tenantId, lectureId);
  if (now === undefined) {
    await deps.index.deleteLecture(tenantId, lectureId);
    throw deleted(lectureId);
  }
  const names = now.speakerNames;
  for (const speaker of new Set([...Object.keys(written), ...Object.keys(names)])) {
    if (written[speaker] !== names[speaker]) await deps.index.nameSpeaker(tenantId, lectureId, speaker, names[speaker] ?? null);
  }
}

type Sources = Pick<Parameters<CpuActivities['index']>[0], 'chunks' | 'contexts' | 'embeddings'>;

export async function readRows(artifacts: ArtifactStore, lecture: Lecture, refs: Sources): Promise<IndexedChunk[]> {
  const { chunks } = await artifacts.read(refs.chunks, ChunksSchema);
  const contexts = refs.contexts === null ? null : await artifacts.read(refs.contexts, ContextsSchema);
  const embeddings = await artifacts.read(refs.embeddings, EmbeddingsSchema);
  return chunks.map((chunk) => toRow(chunk, contexts, embeddings, lecture));
}

interface WriteRows {
  tenantId: StageContext['tenantId'];
  entry: CatalogueEntry;
  generation: string;
  rows: readonly IndexedChunk[];
  run: ActivityRun;
}

export async function writeRows(index: VectorIndex, { tenantId, entry, generation, rows, run }: WriteRows): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) {
    run.signal.throwIfAborted();
    await index.writeChunks(tenantId, entry, generation, rows.slice(start, start + BATCH));
    run.progress({ doneChunks: Math.min(start + BATCH, rows.length), totalChunks: rows.length });
  }
}

async function requireLecture(lectures: LectureStore, { tenantId, lectureId }: StageContext): Promise<Lecture> {
  const lecture = await lectures.get(tenantId, lectureId);
  if (lecture === undefined) throw deleted(lectureId);
  return lecture;
}

function deleted(lectureId: string): LecternError {
  return new LecternError('not-found', `lecture ${lectureId} was deleted while it was being ingested`);
}

export function toCatalogueEntry({ lectureId, metadata: { title, course, semester } }: Lecture): CatalogueEntry {
  return {
    lectureId,
    ...(title === undefined ? {} : { title }),
    ...(course === undefined ? {} : { course }),
    ...(semester === undefined ? {} : { semester }),
  };
}

function toRow(chunk: Chunk, contexts: Contexts | null, embeddings: Embeddings, lecture: Lecture): IndexedChunk {
  const dense = embeddings.dense[chunk.ordinal];
  const sparse = embeddings.sparse[chunk.ordinal];
  if (dense === undefined || sparse === undefined) {
    throw new LecternError('internal', `the embeddings of lecture ${lecture.lectureId} lack chunk ${chunk.ordinal}`);
  }
  const speakerName = chunk.speaker === null ? undefined : lecture.speakerNames[chunk.speaker];
  return {
    ordinal: chunk.ordinal,
    speaker: chunk.speaker,
    ...(speakerName === undefined ? {} : { speakerName }),
    ...(chunk.role === undefined ? {} : { role: chunk.role }),
    startSeconds: chunk.startSeconds,
    endSeconds: chunk.endSeconds,
    text: chunk.text,
    context: contexts?.contexts[chunk.ordinal] ?? null,
    words: chunk.words,
    dense: toVector(dense),
    sparse,
  };
}

function toVector(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
