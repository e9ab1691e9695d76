import { LEGS } from '../../../contracts/query.ts';
import type { LegWeights } from '../../../retrieval/fusion/fuse.ts';

/** Every way to share a whole of `parts` among the legs; the even one too where parts do not divide by three. */
export function toWeightGrid(parts: number): LegWeights[] {
  const [first, second, third] = LEGS;
  const grid: LegWeights[] = [];
  for (let a = 0; a <= parts; a++) {
    for (let b = 0; a + b <= parts; b++) {
      grid.push({ [first]: a / parts, [second]: b / parts, [third]: (parts - a - b) / parts });
    }
  }
  const even = 1 / LEGS.length;
  if (parts % LEGS.length !== 0) grid.push({ [first]: even, [second]: even, [third]: even });
  return grid;
}
