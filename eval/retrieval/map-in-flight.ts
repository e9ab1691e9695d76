/** Enough to keep the index's thread busy while this one scores. */
const IN_FLIGHT = 64;

/** `toResult` of each value, many under way at once; results in the values' order. */
export async function mapInFlight<Value, Result>(values: readonly Value[], toResult: (value: Value) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < values.length; start += IN_FLIGHT) {
    results.push(...(await Promise.all(values.slice(start, start + IN_FLIGHT).map(toResult))));
  }
  return results;
}
