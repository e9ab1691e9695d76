/** Whole steps of it never come near where they were: of all numbers the golden ratio is the hardest to approach by fractions. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * `0..count-1` in an order of which every beginning is spread evenly over all (Kronecker's sequence). Silence costs a third of speech:
 * taken from first to last, a recording with a long break would seem to stand still and then to run.
 */
export function spreadOrder(count: number): number[] {
  const places = Array.from({ length: count }, (_, index) => (index * GOLDEN_RATIO) % 1);
  return [...places.keys()].toSorted((a, b) => places[a]! - places[b]!);
}
