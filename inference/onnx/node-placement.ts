import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';

/** Which provider ran an operator, and for how long in all. */
export interface NodePlacement {
  op: string;
  /** As onnxruntime names it: `CPUExecutionProvider`, `CUDAExecutionProvider`. */
  provider: string;
  runs: number;
  milliseconds: number;
}

/** Operators that do the work of a network. onnxruntime puts arithmetic on shapes on the CPU by itself, rightly. */
const HEAVY = new Set([
  'Conv',
  'MatMul',
  'FusedMatMul',
  'Gemm',
  'MultiHeadAttention',
  'Softmax',
  'Gelu',
  'BiasGelu',
  'LayerNormalization',
  'SkipLayerNormalization',
  'WhisperBeamSearch',
]);

const EventsSchema = z.array(
  z.object({
    cat: z.string().optional(),
    dur: z.number().optional(),
    args: z.object({ op_name: z.string(), provider: z.string() }).partial().optional(),
  }),
);

/** What ran where, from the profiles in `folder` that sessions with a `profilePrefix` wrote. */
export async function readPlacements(folder: string): Promise<NodePlacement[]> {
  const found = new Map<string, NodePlacement>();
  for (const file of await readdir(folder)) {
    for (const { cat, dur = 0, args } of EventsSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')))) {
      if (cat !== 'Node' || args?.op_name === undefined || args.provider === undefined) continue;
      const key = `${args.op_name} ${args.provider}`;
      const placement = found.get(key) ?? { op: args.op_name, provider: args.provider, runs: 0, milliseconds: 0 };
      placement.runs++;
      placement.milliseconds += dur / 1000;
      found.set(key, placement);
    }
  }
  return [...found.values()];
}

/** Throws `unavailable` where a heavy operator ran anywhere but on `provider`, or none ran at all. */
export function requirePlacement(placements: readonly NodePlacement[], provider: string): void {
  const heavy = placements.filter(({ op }) => HEAVY.has(op));
  const astray = heavy.filter((placement) => placement.provider !== provider);
  if (heavy.length > 0 && astray.length === 0) return;
  const where = astray.map((placement) => `${placement.op} on ${placement.provider}`).join(', ');
  throw new LecternError('unavailable', `the graph does not run on ${provider}: ${where === '' ? 'nothing was seen to run' : where}`, {
    cure: 'Use the versions of CUDA and cuDNN that this onnxruntime-node was built for, or LECTERN_DEVICE=cpu.',
  });
}
