import type { Embedder, SparseEncoder } from '../../inference/embedder.ts';
import { toSearchTerms, toWords } from '../../retrieval/terms.ts';

const DIMENSIONS = 64;
const identity = { name: 'bag-of-words', revision: '1', precision: 'float32' };

function slotOf(word: string): number {
  let hash = 7;
  for (const letter of word.slice(0, 5)) hash = (hash * 31 + letter.codePointAt(0)!) % 9_973;
  return hash;
}

/** Meaning without a model: texts are near when their words begin alike. For tests of what is done with vectors, not of vectors. */
export function createBagEmbedder(): Embedder & SparseEncoder {
  const embedOne = (text: string): Float32Array => {
    const vector = new Float32Array(DIMENSIONS);
    for (const word of toSearchTerms(text)) vector[slotOf(word) % DIMENSIONS]! += 1;
    const norm = Math.hypot(...vector) || 1;
    return vector.map((value) => value / norm);
  };
  return {
    model: identity,
    dimensions: DIMENSIONS,
    embed: (texts) => Promise.resolve(texts.map(embedOne)),
    encode: (texts) =>
      Promise.resolve(
        texts.map((text) => {
          const indices = [...new Set(toWords(text).map(slotOf))].sort((a, b) => a - b);
          return { indices, values: indices.map(() => 1) };
        }),
      ),
    close: () => Promise.resolve(),
  };
}
