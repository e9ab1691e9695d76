/** Tells how long the rest takes if it goes on as it went: work is counted in any unit, seconds of audio or runs. */
export function createCountdown(totalWork: number, now: () => number = () => performance.now()): (doneWork: number) => string {
  const started = now();
  return (doneWork) => {
    if (doneWork <= 0 || doneWork >= totalWork) return '';
    const seconds = (((now() - started) / 1000) * (totalWork - doneWork)) / doneWork;
    return seconds < 90 ? `, ${Math.ceil(seconds)} s left` : `, ${Math.ceil(seconds / 60)} min left`;
  };
}
