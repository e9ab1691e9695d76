import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { keepEdits } from '../../activities/keep-edits.ts';
import type { ReviseDeps } from '../../api/revise-lecture.ts';
import { headOf } from '../../contracts/head-revision.ts';
import type { LectureId, TenantId } from '../../contracts/identity.ts';
import type { AlignResult, ArtifactRef } from '../../contracts/ingest.ts';
import { TranscriptSchema, type Transcript } from '../../contracts/transcript.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import type { StoredChunk, VectorIndex } from '../../retrieval/vector-index.ts';
import { createArtifactStore } from '../../storage/artifacts.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import * as keys from '../../storage/keys.ts';
import { createLectureStore } from '../../storage/lectures.ts';
import { createRevisionStore } from '../../storage/revisions.ts';
import { createEditDeps, openStages } from './edit-stages.ts';

const tenantId: TenantId = 'demo';

export interface EditBench {
  tenantId: TenantId;
  deps: ReviseDeps & { index: VectorIndex };
  /** Passages that the embedder was given, ever. */
  embedded: string[];
  /** A lecture whose first ingest has just ended. */
  plant(transcript: Transcript): Promise<LectureId>;
  /** What an ingest does from `align` on, which heard this; `meanwhile` is done before its index is written. */
  ingest(lectureId: LectureId, heard: Transcript, meanwhile?: () => Promise<void>): Promise<void>;
  /** What `publishEdits` does; `meanwhile` as for an ingest. Returns how many passages were embedded. */
  publish(lectureId: LectureId, meanwhile?: () => Promise<void>): Promise<number>;
  transcriptOf(lectureId: LectureId): Promise<Transcript>;
  /** The passages that readers find. */
  passagesOf(lectureId: LectureId): Promise<StoredChunk[]>;
  close(): Promise<void>;
}

/** Folder, SQLite index and the real activities without Temporal between them, with an embedder that takes no time. */
export async function openEditBench(): Promise<EditBench> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-edits-'));
  const objects = await openFilesystemObjectStore(join(folder, 'store'));
  const index = await openSqliteVectorIndex({ path: join(folder, 'index.sqlite') });
  const lectures = createLectureStore(objects);
  const artifacts = createArtifactStore({ objects });
  const revisions = createRevisionStore({ objects, lectures });
  const embedded: string[] = [];
  const stages = openStages(createEditDeps({ objects, index, lectures, artifacts }, async (texts) => void embedded.push(...texts)));

  /** From a transcript to the index, again where it was edited meanwhile. */
  async function bringToIndex(lectureId: LectureId, begin: () => Promise<AlignResult | null>, meanwhile = async () => undefined as void) {
    let made = 0;
    for (let round = 0; ; round++) {
      const begun = await begin();
      if (begun === null) return { embedded: made, indexed: undefined };
      const context = { tenantId, lectureId };
      const transcript = begun.artifact;
      const chunks = (await stages.chunk({ ...context, transcript })).artifact;
      const contexts = (await stages.contextualize({ ...context, transcript, chunks })).artifact;
      const embeddings = await stages.embed({ ...context, chunks, contexts });
      made += embeddings.embedded ?? 0;
      if (round === 0) await meanwhile();
      const basis = begun.basis === undefined ? {} : { basis: begun.basis };
      const indexed = await stages.index({ ...context, chunks, contexts, embeddings: embeddings.artifact, transcript, ...basis });
      if (indexed.superseded !== true) return { embedded: made, transcript, chunks, embeddings: embeddings.artifact, indexed };
    }
  }

  const ingest: EditBench['ingest'] = async (lectureId, heard, meanwhile) => {
    const context = { tenantId, lectureId };
    const machine = await writeHeard(lectureId, heard);
    const begin = () =>
      keepEdits({ artifacts, lectures }, context, { artifact: machine, reused: false, value: heard }, new AbortController().signal);
    const done = await bringToIndex(lectureId, begin, meanwhile);
    if (done.indexed === undefined) return;
    const { transcript, chunks, embeddings, indexed } = done;
    await stages.recordOutcome({
      ...context,
      outcome: {
        state: 'ready',
        generation: indexed.generation,
        durationSeconds: heard.durationSeconds,
        language: 'en',
        transcribedBy: [],
        artifacts: { prepared: 'p', transcript: transcript.key, chunks: chunks.key, embeddings: embeddings.key },
        ...(indexed.revision === undefined ? {} : { revision: indexed.revision }),
        degraded: [],
      },
    });
  };

  async function writeHeard(lectureId: LectureId, heard: Transcript): Promise<ArtifactRef> {
    const machine = artifacts.ref({ tenantId, lectureId, stage: 'align', version: 0, inputs: [], options: heard });
    await artifacts.write(machine, heard);
    return machine;
  }

  return {
    tenantId,
    embedded,
    deps: {
      lectures,
      artifacts,
      revisions,
      index,
      objects,
      keys,
      // Published when the test says so.
      publications: { start: async () => undefined },
      logger: pino({ level: 'silent' }),
    },
    ingest,
    async plant(transcript) {
      const sha256 = createHash('sha256').update(randomUUID()).digest('hex');
      const lectureId = keys.toLectureId(tenantId, sha256);
      const now = new Date().toISOString();
      await lectures.create({
        tenantId,
        lectureId,
        metadata: { title: 'Codes' },
        media: { key: keys.mediaKey(tenantId, lectureId), sha256, bytes: 1 },
        state: 'processing',
        createdAt: now,
        updatedAt: now,
        speakerNames: {},
        artifacts: {},
        degraded: [],
      });
      await ingest(lectureId, transcript);
      return lectureId;
    },
    async publish(lectureId, meanwhile) {
      const context = { tenantId, lectureId };
      let revision = 0;
      const begin = async (): Promise<AlignResult | null> => {
        const head = await stages.readHead(context);
        if (head === null) return null;
        revision = head.revision;
        return { artifact: head.transcript, reused: true };
      };
      const done = await bringToIndex(lectureId, begin, meanwhile).catch(async (error: unknown) => {
        await stages.settlePublication({ ...context, failure: null });
        throw error;
      });
      if (done.indexed === undefined) return done.embedded;
      const { transcript, chunks, embeddings, indexed } = done;
      await stages.recordPublication({
        ...context,
        publication: { revision, transcript, generation: indexed.generation, chunks, embeddings, degraded: [] },
      });
      return done.embedded;
    },
    async transcriptOf(lectureId) {
      const head = headOf((await lectures.get(tenantId, lectureId))!)!;
      return artifacts.read(head.transcript, TranscriptSchema);
    },
    async passagesOf(lectureId) {
      const entry = (await index.catalogue(tenantId)).find((each) => each.lectureId === lectureId)!;
      const ids = Array.from({ length: entry.chunks }, (_, ordinal) => `${lectureId}:${entry.generation}:${ordinal}`);
      return index.getChunks(tenantId, ids);
    },
    async close() {
      await index.close();
      await objects.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
