import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractTerms } from './extract-terms.ts';
import { readOrdinaryWords } from './ordinary-words.ts';

const ordinary = await readOrdinaryWords();
const extract = (text: string, limit = 100): string[] => extractTerms(text, ordinary, limit);

describe('extractTerms', () => {
  it('takes names, acronyms and rare words, and nothing that anybody says', () => {
    const terms = extract(
      'Week 3: Commutative Algebra\n' +
        'Today we follow Emmy Noether and her ideals. A Noetherian ring satisfies the ascending chain condition.\n' +
        'The FFT of the signal is computed with LaTeX-free tooling on the GPT-4 cluster; see Grothendieck.',
    );
    expect(terms).toContain('Emmy Noether');
    expect(terms).toContain('Grothendieck');
    expect(terms).toContain('FFT');
    expect(terms).toContain('GPT-4');
    for (const plain of ['Today', 'The', 'follow', 'signal', 'condition', 'chain', 'Week', 'cluster']) expect(terms).not.toContain(plain);
  });

  it('puts names and what is said often first, and keeps to the limit', () => {
    const terms = extract('The eigenvector. Then eigenvector, eigenvector and eigenvector. A syzygy. Later Vera Rubinstein came.');
    expect(terms.slice(0, 2).toSorted()).toEqual(['Vera Rubinstein', 'eigenvector']);
    expect(extract('eigenvector syzygy Noetherian', 2)).toHaveLength(2);
  });

  it('joins what the end of a line divides, and takes a capital at the beginning of a sentence for what it is', () => {
    expect(extract('The perceptro-\nnization of it.')).toEqual(['perceptronization']);
    expect(extract('Syzygies are rare. Such syzygies matter.')).toEqual(['syzygies']);
  });

  it('does not take headings in capitals for acronyms', () => {
    expect(extract('COMMUTATIVE ALGEBRA AND GEOMETRY')).toEqual([]);
  });

  it('gives each term once, of a length that a vocabulary takes, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('A', 'b', 'é', 'Z', '-', "'", ' ', '\n', '.', '3', '日') }), (text) => {
        const terms = extract(text);
        expect(new Set(terms).size).toBe(terms.length);
        for (const term of terms) expect(term).toMatch(/^\p{L}[^\p{Cc},;]{0,59}$/u);
      }),
    );
  });
});
