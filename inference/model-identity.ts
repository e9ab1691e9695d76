/** Names a model so exactly that its results can be kept under it: same identity, same output. */
export interface ModelIdentity {
  /** As in `models.json`, e.g. `whisper-base`. */
  name: string;
  /** Revision of the weights. */
  revision: string;
  /** Weights' precision in the running graph, e.g. `int8`. */
  precision: string;
}
