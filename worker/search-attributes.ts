import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../contracts/stages.ts';

/** Temporal's number of the type KEYWORD. */
const KEYWORD = 2;
const ALREADY_EXISTS = 6;

/** Registers Lectern's search attributes where the namespace lacks them; a start that names an unknown one would be refused. */
export async function ensureSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in customAttributes));
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
  } catch (error) {
    // Two workers that start together: the other one was quicker.
    if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error;
  }
}
