import type { LegWeights } from './fuse.ts';
import { createFusion } from './fuse.ts';
import { byMinMax } from './scales.ts';

const WEIGHTS: LegWeights = { dense: 1 / 3, sparse: 1 / 3, bm25: 1 / 3 };

/** What a search uses unless told otherwise: the weighted sum of scores between each leg's best and last, measured best. */
export const defaultFusion = createFusion(byMinMax, () => WEIGHTS);
