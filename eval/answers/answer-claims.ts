import type { Answer } from '../../contracts/query.ts';
import { entailsLexically } from '../metrics/lexical-entailment.ts';

/** A stretch of an answer and the citations that end it, by position from 0. */
export interface Claim {
  text: string;
  citations: number[];
}

/** What citations are worth to the claims that they end: counts that add up. */
export interface SupportCounts {
  claims: number;
  /** Claims that their citations together bear out: citation recall. */
  supported: number;
  citations: number;
  /** Citations that a borne out claim needs: citation precision. */
  needed: number;
}

const MARKS = /(?:\s*\[\d+\])+/g;

/** An answer as claims with their marks: `Leaves are green [1]. They absorb red [2][3].` has two; what has no mark is a claim too. */
export function splitClaims(text: string): Claim[] {
  const claims: Claim[] = [];
  let from = 0;
  for (const match of [...text.matchAll(MARKS), undefined]) {
    const claim = text
      .slice(from, match?.index)
      .replace(/^[\s.]+/, '')
      .trim();
    const citations = (match?.[0].match(/\d+/g) ?? []).map((number) => Number(number) - 1);
    from = (match?.index ?? 0) + (match?.[0].length ?? 0);
    if (/[\p{L}\p{N}]/u.test(claim)) claims.push({ text: claim, citations });
  }
  return claims;
}

/**
 * Citation recall and precision as ALCE defines them (Gao et al. 2023), with lexical entailment in place of its NLI model: a claim
 * is supported when its citations together entail it; a citation is needed when it entails the claim alone, or when the others
 * without it do not.
 */
export function countSupport({ text, citations }: Pick<Answer, 'text' | 'citations'>): SupportCounts {
  const counts: SupportCounts = { claims: 0, supported: 0, citations: 0, needed: 0 };
  for (const claim of splitClaims(text)) {
    const quotes = claim.citations.map((position) => citations[position]?.quote ?? '');
    const isSupported = quotes.length > 0 && entailsLexically(quotes.join(' '), claim.text);
    const needed = quotes.filter((quote, position) => {
      const others = quotes.filter((_, other) => other !== position).join(' ');
      return isSupported && (entailsLexically(quote, claim.text) || !entailsLexically(others, claim.text));
    });
    counts.claims += 1;
    counts.supported += isSupported ? 1 : 0;
    counts.citations += quotes.length;
    counts.needed += needed.length;
  }
  return counts;
}
