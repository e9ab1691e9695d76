import { z } from 'zod';
import { LanguageCodeSchema, PrioritySchema, SpeakerCountSchema, type Degradation, type ModelUsed } from './lecture.ts';
import type { ErrorKind } from './errors.ts';
import type { LectureId, TenantId } from './identity.ts';
import type { Stage } from './stages.ts';
import type { Span } from './transcript.ts';

// The names live in a file of their own because the workflow sandbox must not load zod.
export * from './stages.ts';

export const IngestOptionsSchema = z.object({
  /** Spoken language; found when absent. */
  language: LanguageCodeSchema.optional(),
  speakers: SpeakerCountSchema.optional(),
  priority: PrioritySchema.default('normal'),
});
export type IngestOptions = z.infer<typeof IngestOptionsSchema>;

/** Where an artifact lies and what it is: the only thing that a history ever holds of it. */
export interface ArtifactRef {
  key: string;
  /** SHA-256 over (input digests, stage, stage version, model and revision, options). */
  digest: string;
}

/** Argument of `ingestLecture`. References only: title and names stay on the lecture document. */
export interface IngestInput {
  tenantId: TenantId;
  lectureId: LectureId;
  media: { key: string; sha256: string; bytes: number };
  options: IngestOptions;
  /** The terms that the transcriber is told (`VocabularySchema`); absent where there are none. */
  vocabulary?: ArtifactRef;
}

/** What every stage's activity is told. */
export interface StageContext {
  tenantId: TenantId;
  lectureId: LectureId;
}

/** What every stage's activity answers. */
export interface StageResult {
  artifact: ArtifactRef;
  /** True when the artifact was there already and nothing was computed. */
  reused: boolean;
}

export interface PrepareResult extends StageResult {
  durationSeconds: number;
}
export interface DetectSpeechResult extends StageResult {
  pieces: { startSeconds: number; endSeconds: number }[];
  speechSeconds: number;
}
export interface TranscribeResult extends StageResult {
  language: string;
  words: number;
  /** Who heard it. */
  models?: ModelUsed[];
  /** In what the transcription is less than was asked for, for people; absent where it is all that was. */
  degradations?: string[];
}
export interface DiarizeResult extends StageResult {
  speakers: number;
  /** The speakers' voices, where the tenant has them kept. */
  voices?: ArtifactRef;
}
/** `artifact` is what people read: the machine's transcript, or the head revision where people have edited it. */
export interface AlignResult extends StageResult {
  basis?: TranscriptBasis;
}
/** What a transcript of an ingest stands on, beside what the machine heard. */
export interface TranscriptBasis {
  /** What the machine heard. */
  machine: ArtifactRef;
  /** Digest of the head revision whose edits it carries, where the machine now hears otherwise; `lost` of them found no place. */
  carried?: { from: string; lost: number };
}
export interface EmbedResult extends StageResult {
  /** Passages whose vectors were computed; the others had theirs already. */
  embedded?: number;
}
export interface ChunkResult extends StageResult {
  chunks: number;
}
export interface ContextualizeResult extends StageResult {
  /** False where headers stand in for a language model's sentences. */
  contextualized: boolean;
  /** Why, for people; absent where nothing is amiss. */
  degradation?: string;
}
export interface IndexResult {
  generation: string;
  chunks: number;
  reused: boolean;
  /** The revision that readers find now. */
  revision?: number;
  /** The transcript was edited since: nothing was activated, there is something newer to index. */
  superseded?: boolean;
}

export interface IndexInput extends StageContext {
  chunks: ArtifactRef;
  contexts: ArtifactRef | null;
  embeddings: ArtifactRef;
  /** Whose passages these are: they are activated only if that is, or becomes, the head revision. Absent: not looked at. */
  transcript?: ArtifactRef;
  basis?: TranscriptBasis;
}

/** Stages on `lectern-cpu`. */
export interface CpuActivities {
  prepare(input: StageContext & { media: IngestInput['media'] }): Promise<PrepareResult>;
  joinTranscription(input: StageContext & { prepared: ArtifactRef; pieces: ArtifactRef[] }): Promise<TranscribeResult>;
  align(input: StageContext & { transcription: ArtifactRef; diarization: ArtifactRef | null }): Promise<AlignResult>;
  chunk(input: StageContext & { transcript: ArtifactRef }): Promise<ChunkResult>;
  contextualize(input: StageContext & { transcript: ArtifactRef; chunks: ArtifactRef }): Promise<ContextualizeResult>;
  index(input: IndexInput): Promise<IndexResult>;
  /** Writes the outcome on the lecture document (compare-and-set, retried on conflict). */
  recordOutcome(input: StageContext & { outcome: IngestOutcome }): Promise<void>;
  /** Undoes what a cancelled or refused run left half done: index rows of a generation never activated. */
  discardGeneration(input: StageContext & { generation: string }): Promise<void>;
}

/** Stages on `lectern-gpu`. */
export interface GpuActivities {
  detectSpeech(input: StageContext & { prepared: ArtifactRef }): Promise<DetectSpeechResult>;
  transcribePiece(
    input: StageContext & {
      prepared: ArtifactRef;
      speech: ArtifactRef;
      piece: { startSeconds: number; endSeconds: number };
      /** What all of it is in, where the lecturer said so; `null` to find it out. */
      language: string | null;
      /** What the lecture is in as far as is known: speech that is not surely in another language is in this one. */
      expectedLanguage: string | null;
      vocabulary: ArtifactRef | null;
    },
  ): Promise<TranscribeResult>;
  diarize(input: StageContext & { prepared: ArtifactRef; speakers: IngestOptions['speakers'] | null }): Promise<DiarizeResult>;
  embed(input: StageContext & { chunks: ArtifactRef; contexts: ArtifactRef | null }): Promise<EmbedResult>;
}

export type IngestOutcome =
  | {
      state: 'ready';
      generation: string;
      durationSeconds: number;
      language: string;
      transcribedBy: ModelUsed[];
      artifacts: { prepared: string; transcript: string; diarization?: string; voices?: string; chunks: string; embeddings?: string };
      /** The revision of the transcript that readers find. */
      revision?: number;
      degraded: Degradation[];
    }
  | ({ state: 'failed' } & IngestFailure)
  | { state: 'cancelled' };

export interface StageProgress {
  stage: Stage;
  state: 'waiting' | 'running' | 'done' | 'reused' | 'degraded' | 'failed';
  /** Units done and in all, where a stage has units (pieces of `transcribe`). */
  done?: number;
  total?: number;
  /** Seconds of the recording that finished units hold, and all of them. */
  doneSeconds?: number;
  totalSeconds?: number;
}

/** Answer of the `progress` query. */
export interface IngestProgress {
  stages: StageProgress[];
  degraded: Degradation[];
  /** Pieces of `transcribe` that are not finished: how far they are, their heartbeats tell. */
  openPieces: Span[];
}

/** Memo `FAILURE_MEMO` and the first detail of the `ApplicationFailure` of a failed run. */
export interface IngestFailure {
  kind: ErrorKind;
  stage: Stage;
  message: string;
}

/** Result of `ingestLecture`. */
export interface IngestResult {
  lectureId: LectureId;
  generation: string;
  chunks: number;
  language: string;
  speakers: number | null;
  degraded: Degradation[];
  /** Stages whose artifact was already there, and stages that were computed. */
  reused: Stage[];
  computed: Stage[];
}
