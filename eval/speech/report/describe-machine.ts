import { cpus } from 'node:os';

/** For the head of a report: processor and Node. */
export function describeMachine(): string {
  const all = cpus();
  return `${all.length} x ${all[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`;
}
