import { toChunkId } from './chunk-id.ts';
import type { FoundPassage } from './read-passages.ts';
import type { StageContext } from './search-stage.ts';

interface PassageChanges {
  ordinal?: number;
  lecture?: number;
  score?: number;
  context?: string | null;
  speaker?: string;
}

/** A passage of one word every half second, ten seconds a chunk. */
export function toFoundPassage(text: string, changes: PassageChanges = {}): FoundPassage {
  const { ordinal = 0, lecture = 1, score = 1, context = null, speaker = 'S1' } = changes;
  const lectureId = `lec_${String(lecture).padStart(24, '0')}`;
  const startSeconds = ordinal * 10;
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startSeconds: startSeconds + index / 2,
    endSeconds: startSeconds + index / 2 + 0.4,
    confidence: 1,
  }));
  const span = { startSeconds, endSeconds: words.at(-1)!.endSeconds };
  const chunkId = toChunkId(lectureId, 'g', ordinal);
  const chunk = { chunkId, lectureId, ordinal, speaker, text, context, words, ...span };
  return { chunk, hit: { chunkId, lectureId, speaker, text, score, legs: {}, ...span } };
}

/** What a stage is told of a question that nobody waits for and that finds nothing more. */
export function toStageContext(changes: Partial<StageContext> = {}): StageContext {
  return {
    tenantId: 'demo',
    question: 'what is it',
    questionVector: Float32Array.of(1, 0),
    filters: {},
    limit: 5,
    find: () => Promise.resolve([]),
    signal: undefined,
    ...changes,
  };
}
