import type { TenantId } from '../contracts/identity.ts';
import type { QueryFilters } from '../contracts/query.ts';
import type { FoundPassage } from './read-passages.ts';

/** What a stage may know and ask besides the passages it is given. */
export interface StageContext {
  tenantId: TenantId;
  question: string;
  /** Unit length, `[dimensions]`. */
  questionVector: Float32Array;
  filters: QueryFilters;
  /** Passages that the reader wants in the end; a stage may return more. */
  limit: number;
  /** Searches the same legs for another text under the same filters: passages fused as the question's are, at most `count`. */
  find: (text: string, count: number) => Promise<FoundPassage[]>;
  signal: AbortSignal | undefined;
}

/**
 * A step between fusion and the reader: reranks, diversifies, widens, or looks again. Stages run one after another on what the
 * last one returned, best first. A stage that changes the order sets `hit.score` so that scores still fall.
 */
export interface SearchStage {
  /** Names the step in the timings. */
  readonly name: string;
  /** Passages it wants to see for a reader who wants `limit`. */
  wants(limit: number): number;
  run(passages: FoundPassage[], context: StageContext): Promise<FoundPassage[]>;
}
