import { expect, it } from 'vitest';
import { createBagEmbedder } from '../../tests/retrieval/bag-embedder.ts';
import { cacheEncoders } from './cached-encoders.ts';

it('encodes a text once, gives each its own vector, and counts', async () => {
  const bag = createBagEmbedder();
  const encoded: string[] = [];
  const counting = {
    ...bag,
    embed: (texts: readonly string[]) => {
      encoded.push(...texts);
      return bag.embed(texts);
    },
  };
  const { embedder, sparseEncoder, stats } = cacheEncoders(counting, bag);
  await embedder.embed(['enzymes']);
  expect(await embedder.embed(['sonnets', 'enzymes', 'gradients'])).toEqual(await bag.embed(['sonnets', 'enzymes', 'gradients']));
  expect(encoded).toEqual(['enzymes', 'sonnets', 'gradients']);
  expect(await sparseEncoder.encode(['enzymes'])).toEqual(await bag.encode(['enzymes']));
  expect(stats()).toEqual({ hits: 1, misses: 4 });
});
