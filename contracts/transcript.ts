import { z } from 'zod';

/** Seconds from the start of the recording. */
export const SecondsSchema = z.number().min(0);

export const SpanSchema = z.object({ startSeconds: SecondsSchema, endSeconds: SecondsSchema });
/** A stretch of time, `endSeconds` exclusive. */
export type Span = z.infer<typeof SpanSchema>;

/** A word as the transcriber hears it: text with its punctuation, times, and the probability of its tokens. */
export const TranscribedWordSchema = SpanSchema.extend({
  text: z.string(),
  /** Mean probability of the word's tokens, 0 to 1. */
  confidence: z.number().min(0).max(1),
});
export type TranscribedWord = z.infer<typeof TranscribedWordSchema>;

/** A sentence-like stretch, as Whisper's timestamp tokens cut it. */
export const SegmentSchema = SpanSchema.extend({
  words: z.array(TranscribedWordSchema),
  /** Mean log-probability of the segment's window. */
  averageLogProbability: z.number(),
  noSpeechProbability: z.number(),
  /** The sampling temperature that gave the accepted text; above 0 means a fallback. */
  temperature: z.number(),
  /** What it was heard in, where the transcriber knows more than one language. */
  language: z.string().optional(),
});
export type Segment = z.infer<typeof SegmentSchema>;

/** Artifact of `transcribe` (one piece, or all pieces joined). */
export const TranscriptionSchema = z.object({
  language: z.string(),
  languageProbability: z.number(),
  durationSeconds: SecondsSchema,
  segments: z.array(SegmentSchema),
  /** In what a piece is less than was asked for, for people. */
  degradation: z.string().optional(),
});
export type Transcription = z.infer<typeof TranscriptionSchema>;

/** Speaker labels are `S1`, `S2`, ... by first appearance; names live on the lecture document. */
export const SpeakerTurnSchema = SpanSchema.extend({ speaker: z.string() });
export type SpeakerTurn = z.infer<typeof SpeakerTurnSchema>;

/** What two channels told about whether each has a speaker of its own. */
const ChannelEvidenceSchema = z.object({
  /** Seconds of speech in which the left and the right channel is louder by 6 dB or more, and of speech in all. */
  dominantSeconds: z.tuple([z.number(), z.number()]),
  speechSeconds: z.number(),
  /** How loud the other channel's speaker is in the left and the right one, in dB of how loud there; `null` where none was heard. */
  crossTalkDb: z.tuple([z.number().nullable(), z.number().nullable()]),
});
export type ChannelEvidence = z.infer<typeof ChannelEvidenceSchema>;

/** Artifact of `diarize`. `turns` may overlap; `exclusiveTurns` have one speaker at a time, for alignment. */
export const DiarizationSchema = z.object({
  /** How speakers were told apart: each by a channel of its own, or by their voices; older artifacts do not say. */
  method: z.enum(['channels', 'clusters']).optional(),
  /** Where there were two channels that might have been a speaker each. */
  channels: ChannelEvidenceSchema.optional(),
  speakers: z.array(z.string()),
  turns: z.array(SpeakerTurnSchema),
  exclusiveTurns: z.array(SpeakerTurnSchema),
});
export type Diarization = z.infer<typeof DiarizationSchema>;

/** How a word came by its speaker, kept for inspection; `edited` by a person. */
export const SpeakerSourceSchema = z.enum(['overlap', 'nearest', 'smoothed', 'unknown', 'edited']);

export const WordSchema = TranscribedWordSchema.extend({
  /** `null` where nobody can be named: unknown rather than wrong. */
  speaker: z.string().nullable(),
  speakerSource: SpeakerSourceSchema,
});
export type Word = z.infer<typeof WordSchema>;

/** Words of one speaker in a row. */
export const TurnSchema = SpanSchema.extend({ speaker: z.string().nullable(), words: z.array(WordSchema) });
export type Turn = z.infer<typeof TurnSchema>;

/** Part that a person has in a lecture; `speaker` where it is not clear, as in a seminar. */
export const SpeakerRoleSchema = z.enum(['lecturer', 'questioner', 'speaker']);
export type SpeakerRole = z.infer<typeof SpeakerRoleSchema>;

/** Artifact of `align`: the transcript that people read. */
export const TranscriptSchema = z.object({
  language: z.string(),
  durationSeconds: SecondsSchema,
  speakers: z.array(z.string()),
  /** By speaker label, for each who says a word; transcripts made before there were roles have none. */
  roles: z.record(z.string(), SpeakerRoleSchema).optional(),
  turns: z.array(TurnSchema),
});
export type Transcript = z.infer<typeof TranscriptSchema>;

/** A passage of the index: never over the end of a turn, at most 256 tokens, 50 of overlap, at least 30. */
export const ChunkSchema = SpanSchema.extend({
  /** Position in the lecture, from 0. */
  ordinal: z.int().min(0),
  speaker: z.string().nullable(),
  /** The speaker's, where one is known. */
  role: SpeakerRoleSchema.optional(),
  text: z.string(),
  tokens: z.int().min(0),
  words: z.array(TranscribedWordSchema),
});
export type Chunk = z.infer<typeof ChunkSchema>;

/** Artifact of `chunk`. */
export const ChunksSchema = z.object({
  tokenizer: z.string(),
  chunks: z.array(ChunkSchema),
  /** Of an edited transcript: which one, the stage's version, and the passages of an earlier revision that were kept where they could be. */
  edited: z
    .object({ transcript: z.string(), version: z.int(), keptFrom: z.object({ key: z.string(), digest: z.string() }).nullable() })
    .optional(),
});
export type Chunks = z.infer<typeof ChunksSchema>;

/** Artifact of `contextualize`: by ordinal, what situates the chunk; `model` wrote its sentences, without one they are headers. */
export const ContextsSchema = z.object({ model: z.string().nullable(), contexts: z.array(z.string().nullable()) });
export type Contexts = z.infer<typeof ContextsSchema>;

/** Learned sparse vector: parallel arrays, indices ascending. */
export const SparseVectorSchema = z.object({ indices: z.array(z.int()), values: z.array(z.number()) });
export type SparseVector = z.infer<typeof SparseVectorSchema>;

/** Artifact of `embed`: by ordinal. Dense vectors are base64 of little-endian float32. */
export const EmbeddingsSchema = z.object({
  denseModel: z.string(),
  sparseModel: z.string(),
  dimensions: z.int(),
  dense: z.array(z.string()),
  sparse: z.array(SparseVectorSchema),
  /** Digests of models and text, by which vectors are found again for the same text. */
  passages: z.array(z.string()).optional(),
});
export type Embeddings = z.infer<typeof EmbeddingsSchema>;
