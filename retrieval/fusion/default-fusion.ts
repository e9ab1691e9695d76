import { createFusion, type LegWeights } from './fuse.ts';
import { byMinMax } from './scales.ts';
import { withSurroundings } from './with-surroundings.ts';

const THIRDS: LegWeights = { dense: 1 / 3, sparse: 1 / 3, bm25: 1 / 3 };

/**
 * What a search uses unless told otherwise, as `eval -- retrieval --tune` measured it best on Spoken-SQuAD and QMSum together
 * (eval/results/): scores stretched between each leg's best and last, added in thirds, leaning a little on their surroundings.
 * Scores are in 0..1, and 1 is a passage that is every leg's best beside others that are.
 */
export const defaultFusion = withSurroundings(
  createFusion(byMinMax, () => THIRDS),
  { neighbours: 0.2, lecture: 0.5 },
);
