/** What a collection calls the vectors of a chunk; BM25's come from the words themselves, whatever the models. */
export interface VectorNames {
  dense: string;
  sparse: string;
}

/**
 * Vectors of two models cannot be compared, also where they are of one length: with the model in their names, Qdrant refuses those of
 * another. `null`: the default models, whose collections were there before there were others.
 */
export function toVectorNames(model: string | null): VectorNames {
  return model === null ? { dense: 'dense', sparse: 'splade' } : { dense: `dense:${model}`, sparse: `sparse:${model}` };
}
