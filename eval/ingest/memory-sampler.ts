import { readProcessTree, type ProcessMemory } from './process-tree.ts';

export interface PeakMemory {
  /** Largest sum over the whole tree at one moment. */
  peakBytes: number;
  /** What made up that sum, largest first. */
  processes: ProcessMemory[];
}

/** Looks at the process tree of `root` twice a second until it is stopped. */
export function sampleMemory(root: number): { stop: () => Promise<PeakMemory> } {
  let peak: PeakMemory = { peakBytes: 0, processes: [] };
  let failure: unknown;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    const processes = await readProcessTree(root);
    const peakBytes = processes.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
    if (peakBytes > peak.peakBytes) peak = { peakBytes, processes: processes.sort((a, b) => b.rssBytes - a.rssBytes) };
  };
  const timer = setInterval(() => {
    looking = look().catch((error: unknown) => {
      failure = error;
    });
  }, 500);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      if (failure !== undefined) throw failure;
      return peak;
    },
  };
}
