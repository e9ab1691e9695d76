import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** A call of a model or of ffmpeg, in milliseconds since 1970. */
const CallSchema = z.object({ name: z.string(), fromMs: z.number(), toMs: z.number() });
export type Call = z.infer<typeof CallSchema>;

/** The same object, whose methods that answer later leave a line in `file` for each call. */
export function logCalls<T extends object>(object: T, name: string, file: string): T {
  return new Proxy(object, {
    get(target, property, receiver) {
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        const fromMs = Date.now();
        const answer: unknown = Reflect.apply(member, target, given);
        if (!(answer instanceof Promise)) return answer;
        return answer.finally(() =>
          appendFileSync(file, `${JSON.stringify({ name: `${name}.${String(property)}`, fromMs, toMs: Date.now() })}\n`),
        );
      };
    },
  });
}

/** Calls in the order in which they ended; `[]` where none was made yet. */
export async function readCalls(file: string): Promise<Call[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => CallSchema.parse(JSON.parse(line)));
}

/** Milliseconds of `[fromMs, toMs]` in which at least one call was under way. */
export function coveredMs(calls: readonly Call[], fromMs: number, toMs: number): number {
  let covered = 0;
  let reached = fromMs;
  for (const call of calls.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const until = Math.min(call.toMs, toMs);
    covered += Math.max(0, until - Math.max(call.fromMs, reached));
    reached = Math.max(reached, until);
  }
  return covered;
}
