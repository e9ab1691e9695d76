import type { ReactNode } from 'react';

const MARKS: Record<string, string> = {
  ready: '✓',
  completed: '✓',
  done: '✓',
  reused: '✓',
  processing: '…',
  running: '…',
  waiting: '·',
  degraded: '!',
  failed: '✕',
  cancelled: '–',
  terminated: '–',
};

/** A state by word and mark: its colour only repeats it. */
export function StateBadge({ state }: { state: string }): ReactNode {
  return (
    <span className={`badge badge-${state}`}>
      <span aria-hidden="true">{MARKS[state] ?? '·'}</span> {state}
    </span>
  );
}
