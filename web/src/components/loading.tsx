import type { ReactNode } from 'react';

export function Loading({ what }: { what: string }): ReactNode {
  return <output className="quiet">Loading {what} …</output>;
}
