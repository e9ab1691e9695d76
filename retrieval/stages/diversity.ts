import type { FoundPassage } from '../read-passages.ts';
import { relativeScores } from '../rerank/reorder.ts';
import type { SearchStage } from '../search-stage.ts';
import { toSearchTerms } from '../terms.ts';

/** Passages that are weighed against each other. */
const COMPARED = 20;

/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each next passage is the one that is worth most and says least
 * of what those before it said, `relevance` of the former against the rest of the latter. Likeness is the share of distinct terms
 * that two passages have in common (Jaccard): it needs no vectors, and a lecture held in two semesters says the same in almost
 * the same words. The last of the stages: it returns no more than the reader wants.
 */
export function createDiversity(relevance: number): SearchStage {
  return {
    name: 'diversity',
    wants: (limit) => Math.max(limit, COMPARED),
    run: (passages, { limit }) => Promise.resolve(diversify(passages, relevance, limit)),
  };
}

interface Candidate {
  passage: FoundPassage;
  worth: number;
  terms: ReadonlySet<string>;
  /** Likeness to the most alike of those chosen. */
  said: number;
}

/** The `limit` passages to show. Greedy: a passage's worth only falls as others are chosen, so that scores fall with the ranks. */
function diversify(passages: readonly FoundPassage[], relevance: number, limit: number): FoundPassage[] {
  const worths = relativeScores(passages);
  const waiting = passages.map((passage, index): Candidate => ({
    passage,
    worth: worths[index]!,
    terms: new Set(toSearchTerms(passage.chunk.text)),
    said: 0,
  }));
  const chosen: FoundPassage[] = [];
  const valueOf = ({ worth, said }: Candidate): number => relevance * worth - (1 - relevance) * said;
  while (waiting.length > 0 && chosen.length < limit) {
    const best = waiting.reduce((a, b) => (valueOf(b) > valueOf(a) ? b : a));
    waiting.splice(waiting.indexOf(best), 1);
    chosen.push({ chunk: best.passage.chunk, hit: { ...best.passage.hit, score: valueOf(best) } });
    for (const other of waiting) other.said = Math.max(other.said, likeness(best.terms, other.terms));
  }
  return chosen;
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((term) => b.has(term)).length;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}
