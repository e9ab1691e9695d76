const STILL_AT_IT_MS = 15_000;

/** Runs a long step and says that it began, that it goes on (every 15 s) and how long it took. Lines, not bars: logs read them too. */
export async function timedStep<T>(report: (line: string) => void, what: string, work: () => Promise<T>): Promise<T> {
  const began = Date.now();
  const elapsed = () => `${Math.round((Date.now() - began) / 1000)} s`;
  report(`${what} ...`);
  const timer = setInterval(() => report(`${what}: still at it after ${elapsed()}`), STILL_AT_IT_MS);
  try {
    const result = await work();
    report(`${what}: done in ${elapsed()}`);
    return result;
  } catch (error) {
    report(`${what}: failed after ${elapsed()}`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
