import { toPassageTexts } from '../../activities/passage-text.ts';
import type { LectureId } from '../../contracts/identity.ts';
import { LEGS, type Leg } from '../../contracts/query.ts';
import type { Chunk } from '../../contracts/transcript.ts';
import type { Embedder, SparseEncoder } from '../../inference/embedder.ts';
import { createSearcher } from '../../retrieval/search.ts';
import type { IndexedChunk, VectorIndex } from '../../retrieval/vector-index.ts';
import { positionOf, type Meeting } from './meetings.ts';
import { scoreSpans, type SpanScores } from './span-metrics.ts';

/** A passage of a way of cutting. */
export interface SearchedChunk {
  chunk: Chunk;
  /** Searched with its text; `null` for nothing. */
  context: string | null;
  /** Positions of the words that a reader gets, where they are not the chunk's own. */
  shown?: readonly number[];
}

/** A way of cutting and situating, under the name that the table shows. */
export interface ChunkingSystem {
  name: string;
  cut(meeting: Meeting): SearchedChunk[];
}

/** As many passages as a reader of 2,500 words may need of the shortest. */
const LIMIT = 100;
const TENANT = 'eval';
/** Positions of words are unique among all meetings. */
const WORDS_OF_A_MEETING = 1_000_000;

export const SEARCHES = [...LEGS, 'shipped'] as const;
type ScoresBySearch = Record<Leg | 'shipped', SpanScores[]>;

export interface SystemScores {
  chunks: number;
  words: number;
  /** One entry a question, in the meetings' order: searched in the question's own meeting, and in all. */
  within: ScoresBySearch;
  across: ScoresBySearch;
}

export interface MeasureDeps {
  /** Empty. */
  index: VectorIndex;
  embedder: Embedder;
  sparseEncoder: SparseEncoder;
}

/** All questions of the meetings, asked to an index that a system has filled: by each leg alone, and as Lectern fuses them. */
export async function measureSystem(system: ChunkingSystem, meetings: readonly Meeting[], deps: MeasureDeps): Promise<SystemScores> {
  const shown: number[][][] = [];
  const scores: SystemScores = { chunks: 0, words: 0, within: noScores(), across: noScores() };
  for (const [number, meeting] of meetings.entries()) {
    const cut = system.cut(meeting);
    await fill(deps, number, cut);
    shown.push(cut.map((each) => shownPositions(each).map((position) => position + number * WORDS_OF_A_MEETING)));
    scores.chunks += cut.length;
    scores.words += cut.reduce((sum, { chunk }) => sum + chunk.words.length, 0);
  }
  for (const search of SEARCHES) {
    const searcher = createSearcher(search === 'shipped' ? deps : { ...deps, legs: [search] });
    for (const [number, { questions }] of meetings.entries()) {
      for (const { text, relevantWords } of questions) {
        const relevant = new Set([...relevantWords].map((position) => position + number * WORDS_OF_A_MEETING));
        const offered = shown[number]!.filter((words) => words.some((word) => relevant.has(word))).length;
        for (const scope of ['within', 'across'] as const) {
          const filters = scope === 'within' ? { lectureIds: [toLectureId(number)] } : {};
          const { passages } = await searcher.search(TENANT, { question: text, limit: LIMIT, filters });
          const found = passages.map(({ chunk }) => shown[toNumber(chunk.lectureId)]![chunk.ordinal]!);
          scores[scope][search].push(scoreSpans(found, relevant, offered));
        }
      }
    }
  }
  return scores;
}

async function fill({ index, embedder, sparseEncoder }: MeasureDeps, number: number, cut: readonly SearchedChunk[]): Promise<void> {
  const chunks = cut.map(({ chunk }, ordinal) => ({ ...chunk, ordinal }));
  const contexts = cut.map(({ context }) => context);
  const texts = toPassageTexts(chunks, { model: null, contexts });
  const [dense, sparse] = [await embedder.embed(texts), await sparseEncoder.encode(texts)];
  const rows = chunks.map(({ speaker, startSeconds, endSeconds, text, words, ordinal }): IndexedChunk => {
    const context = contexts[ordinal] ?? null;
    return { ordinal, speaker, startSeconds, endSeconds, text, context, words, dense: dense[ordinal]!, sparse: sparse[ordinal]! };
  });
  const entry = { lectureId: toLectureId(number) };
  await index.writeChunks(TENANT, entry, 'g1', rows);
  await index.activate(TENANT, entry, 'g1', rows.length, null);
}

function shownPositions({ chunk, shown }: SearchedChunk): readonly number[] {
  return shown ?? chunk.words.map(positionOf);
}

function noScores(): ScoresBySearch {
  return { dense: [], sparse: [], bm25: [], shipped: [] };
}

function toLectureId(number: number): LectureId {
  return `lec_${number.toString(16).padStart(24, '0')}`;
}

function toNumber(lectureId: LectureId): number {
  return Number.parseInt(lectureId.slice('lec_'.length), 16);
}
