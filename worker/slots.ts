import { availableParallelism, totalmem } from 'node:os';

const GIB = 2 ** 30;
/** Models, Temporal and the API of a machine that runs all of Lectern. */
const RESERVED_BYTES = 2 * GIB;
/** A decoder with its pipes, or the words of a long lecture while they are aligned. */
const BYTES_A_SLOT = GIB / 4;
/** One decodes while another waits for a store. */
const SLOTS_A_CORE = 2;
/** More would only queue before the same stores. */
const MOST_SLOTS = 32;

/**
 * Activities of `lectern-cpu` that one worker runs side by side: two a core, as far as the memory goes, but always one. A fixed number
 * and not Temporal's resource-based tuner: that admits work by the load of the moment, and a decoder loads nothing yet when the
 * next one is admitted.
 */
export function chooseCpuSlots({ cores, memoryBytes }: { cores: number; memoryBytes: number }): number {
  const byMemory = Math.floor((memoryBytes - RESERVED_BYTES) / BYTES_A_SLOT);
  return Math.max(1, Math.min(cores * SLOTS_A_CORE, byMemory, MOST_SLOTS));
}

/** What this process may use: of the machine, or of the container that it runs in. */
export function readMachine(): { cores: number; memoryBytes: number } {
  // 0 or a number beyond all memory where there is no limit.
  const limit = process.constrainedMemory();
  return { cores: availableParallelism(), memoryBytes: limit > 0 ? Math.min(limit, totalmem()) : totalmem() };
}
