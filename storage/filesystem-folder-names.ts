import { stat } from 'node:fs/promises';
import { hasCode } from './filesystem-errors.ts';

/** Within this time of a change another one may leave the folder's time of change as it is. */
const SETTLED_MS = 2_000;
/** Folders remembered: the catalogues of the tenants that are looked at. */
const MOST_FOLDERS = 256;

interface Kept {
  changedNs: bigint;
  names: readonly string[];
}

/** Remembers the names in folders until the folders change: reading ten thousand of them for each page of fifty takes far longer than the page. */
export class FolderNames {
  readonly #kept = new Map<string, Kept>();
  readonly #read: (folder: string) => Promise<readonly string[]>;

  constructor(read: (folder: string) => Promise<readonly string[]>) {
    this.#read = read;
  }

  /** Names as `read` gives them; `[]` where there is no folder. */
  async of(folder: string): Promise<readonly string[]> {
    const changedNs = await changeOf(folder);
    if (changedNs === undefined) return [];
    const kept = this.#kept.get(folder);
    if (kept?.changedNs === changedNs) return kept.names;
    const isSettled = Date.now() - Number(changedNs / 1_000_000n) > SETTLED_MS;
    const names = await this.#read(folder);
    this.#kept.delete(folder);
    if (isSettled) this.#keep(folder, { changedNs, names });
    return names;
  }

  #keep(folder: string, kept: Kept): void {
    this.#kept.set(folder, kept);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > MOST_FOLDERS && oldest !== undefined) this.#kept.delete(oldest);
  }
}

async function changeOf(folder: string): Promise<bigint | undefined> {
  try {
    return (await stat(folder, { bigint: true })).mtimeNs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
