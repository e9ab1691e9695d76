import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { Leg, QueryFilters } from '../contracts/query.ts';
import type { SparseVector, SpeakerRole, TranscribedWord } from '../contracts/transcript.ts';

/** A chunk as it is indexed. `chunkId` is `<lectureId>:<generation>:<ordinal>`. */
export interface IndexedChunk {
  ordinal: number;
  speaker: string | null;
  speakerName?: string;
  /** The speaker's part in the lecture, where one is known. */
  role?: SpeakerRole;
  startSeconds: number;
  endSeconds: number;
  text: string;
  /** Generated sentence that situates the chunk: searched with it, never shown as speech. */
  context: string | null;
  words: TranscribedWord[];
  /** Unit length. */
  dense: Float32Array;
  sparse: SparseVector;
}

/** What filters and hits need to know of a lecture; the index's catalogue. */
export interface CatalogueEntry {
  lectureId: LectureId;
  title?: string;
  course?: string;
  semester?: string;
}

export interface StoredChunk extends Omit<IndexedChunk, 'dense' | 'sparse'> {
  chunkId: string;
  lectureId: LectureId;
  title?: string;
  course?: string;
  semester?: string;
}

export interface LegQuery {
  leg: Leg;
  /** Candidates to return. */
  limit: number;
  dense?: Float32Array;
  sparse?: SparseVector;
  text?: string;
}

export interface LegHit {
  chunkId: string;
  /** Higher is better; the leg's own scale. */
  score: number;
}

/** A lecture's part in a change of many: from the generation that readers see to one that is staged. */
export interface GenerationMove {
  lectureId: LectureId;
  from: string;
  to: string;
}

/** By lecture: the staged generation to look into instead of the active one. */
export type Preview = Readonly<Record<LectureId, string>>;

/**
 * Derived from the object store and scoped by tenant in every call. A lecture's rows form a *generation*: written whole,
 * counted, then activated; the one before serves until then and is removed by the activation. Readers see active generations only.
 * Many lectures change together where their generations are staged and then moved to in one step; a move keeps the generation it
 * leaves, so that the way back is a move too.
 */
export interface VectorIndex {
  /** Writes or replaces chunks of a generation that is not active. Idempotent by (lecture, generation, ordinal). */
  writeChunks(tenantId: TenantId, lecture: CatalogueEntry, generation: string, chunks: readonly IndexedChunk[]): Promise<void>;
  countChunks(tenantId: TenantId, lectureId: LectureId, generation: string): Promise<number>;
  /**
   * Makes `generation` the one that readers see, if it holds `expectedChunks` and the active one is still `previous`
   * (`null`: none), or a move has taken the lecture from `previous` meanwhile: what a writer brings is newer than what was moved to.
   * Drops every other generation of the lecture. Errors: `conflict`.
   */
  activate(tenantId: TenantId, lecture: CatalogueEntry, generation: string, expectedChunks: number, previous: string | null): Promise<void>;
  activeGeneration(tenantId: TenantId, lectureId: LectureId): Promise<string | null>;
  /** Makes a generation that holds `expectedChunks` ready to be previewed and moved to. Idempotent. Errors: `conflict`. */
  stage(tenantId: TenantId, lectureId: LectureId, generation: string, expectedChunks: number): Promise<void>;
  /**
   * Moves lectures to staged generations in one step: no reader sees some of them moved and others not. A lecture that is not at
   * `from` any more (deleted, ingested or edited meanwhile), or whose `to` is not staged, stays as it is. Returns the lectures that are
   * at their `to` now; idempotent. The generations at `from` stay, staged, until they are discarded or another one is activated.
   */
  moveTogether(tenantId: TenantId, moves: readonly GenerationMove[]): Promise<LectureId[]>;
  discardGeneration(tenantId: TenantId, lectureId: LectureId, generation: string): Promise<void>;
  /** The display name of a speaker on every chunk of a lecture that is there now; `null` takes it away. */
  nameSpeaker(tenantId: TenantId, lectureId: LectureId, speaker: string, name: string | null): Promise<void>;
  deleteLecture(tenantId: TenantId, lectureId: LectureId): Promise<void>;
  deleteTenant(tenantId: TenantId): Promise<void>;
  /** Lectures with an active generation, by lecture id. */
  catalogue(tenantId: TenantId): Promise<(CatalogueEntry & { generation: string; chunks: number })[]>;
  /** Another value whenever what this tenant's readers see has changed, names included; `null` for a tenant without anything. */
  revision(tenantId: TenantId): Promise<string | null>;
  /** All legs in one call, so that an adapter can send them together; results in the order of `queries`. */
  search(tenantId: TenantId, queries: readonly LegQuery[], filters: QueryFilters, preview?: Preview): Promise<LegHit[][]>;
  /** Active chunks by id; ids that are gone are left out. */
  getChunks(tenantId: TenantId, chunkIds: readonly string[], preview?: Preview): Promise<StoredChunk[]>;
  /** Throws `unavailable` when the index cannot serve. */
  health(): Promise<void>;
  close(): Promise<void>;
}
