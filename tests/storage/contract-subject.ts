import { randomUUID } from 'node:crypto';
import type { ObjectStore } from '../../storage/object-store.ts';

/** The store under test, opened twice: `other` stands for another process. Called inside tests, once they are open. */
export interface ContractSubject {
  store: () => ObjectStore;
  other: () => ObjectStore;
}

export const CONTRACT_FOLDER = 'contract/';

/** Each test has a folder of its own: the store is shared. */
export function folder(): string {
  return `${CONTRACT_FOLDER}${randomUUID()}`;
}
