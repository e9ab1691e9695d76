/** Names a model so exactly that its results can be kept under it: same identity, same output. */
export interface ModelIdentity {
  /** As in `models.json`, e.g. `whisper-base`. */
  name: string;
  /** Revision of the weights. */
  revision: string;
  /** Weights' precision in the running graph, e.g. `int8`. */
  precision: string;
  /** How its output is searched for, where not in the usual way, e.g. `beam 5`. */
  decoding?: string;
}
