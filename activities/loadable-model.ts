import type { ModelIdentity } from '../inference/model-identity.ts';

/** A model that is loaded when there is something to compute, not to find out that its results are there already. */
export interface LoadableModel<Model extends { readonly model: ModelIdentity }> {
  /** What the model is: part of the name of everything that it makes. */
  identity(): Promise<ModelIdentity>;
  load(): Promise<Model>;
}
