import { createCountdown } from '../remaining-time.ts';
import type { JobResult } from './speech-job.ts';

/** One system in one mode. */
export interface Contender {
  name: string;
  run(): Promise<JobResult>;
}

export interface Timing {
  /** Medians over the rounds. Work is from the first recording to the last, models loaded and warm. */
  workSeconds: number;
  processorSeconds: number;
  loadSeconds: number;
  peakMemoryBytes: number;
  rounds: Omit<JobResult, 'files'>[];
}

export interface Contest extends Timing {
  name: string;
  /** Of the first round. */
  files: JobResult['files'];
}

/** Everybody once a round, the first of one round last in the next: what else the machine does meets all alike. */
export async function alternate(contenders: readonly Contender[], rounds: number, note: (line: string) => void): Promise<Contest[]> {
  const results = contenders.map((): JobResult[] => []);
  const timeLeft = createCountdown(rounds * contenders.length);
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < contenders.length; place++) {
      const turn = (place + round) % contenders.length;
      const contender = contenders[turn];
      if (contender === undefined) continue;
      const result = await contender.run();
      results[turn]?.push(result);
      note(`round ${round + 1}/${rounds} ${contender.name}: ${describe(result)}${timeLeft(round * contenders.length + place + 1)}`);
    }
  }
  return contenders.map(({ name }, index) => ({ name, files: results[index]?.[0]?.files ?? [], ...summarizeRounds(results[index] ?? []) }));
}

export function summarizeRounds(results: readonly JobResult[]): Timing {
  const middle = (of: (result: JobResult) => number): number => median(results.map(of));
  return {
    workSeconds: middle(({ workSeconds }) => workSeconds),
    processorSeconds: middle(({ processorSeconds }) => processorSeconds),
    loadSeconds: middle(({ loadSeconds }) => loadSeconds),
    peakMemoryBytes: middle(({ peakMemoryBytes }) => peakMemoryBytes),
    rounds: results.map(({ loadSeconds, workSeconds, processorSeconds, peakMemoryBytes }) => ({
      loadSeconds,
      workSeconds,
      processorSeconds,
      peakMemoryBytes,
    })),
  };
}

function describe({ workSeconds, processorSeconds, peakMemoryBytes }: JobResult): string {
  return `${workSeconds.toFixed(2)} s, processor ${processorSeconds.toFixed(2)} s, peak memory ${Math.round(peakMemoryBytes / 1e6)} MB`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
