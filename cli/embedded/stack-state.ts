import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive, ProcessIdentitySchema } from './process-identity.ts';

const StackStateSchema = z.object({
  supervisor: ProcessIdentitySchema,
  apiUrl: z.string(),
  temporalAddress: z.string(),
  temporalUiUrl: z.string().nullable(),
});

/** What `<LECTERN_DATA>/stack.json` tells other processes about a running stack. */
export type StackState = z.infer<typeof StackStateSchema>;

/** The stack that runs on this data folder, if one does. */
export async function findRunningStack(dataDir: string): Promise<StackState | undefined> {
  const text = await readFile(stateFile(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const state = StackStateSchema.safeParse(JSON.parse(text));
  return state.success && (await isAlive(state.data.supervisor)) ? state.data : undefined;
}

export async function writeStackState(dataDir: string, state: StackState): Promise<void> {
  const temporary = `${stateFile(dataDir)}.part`;
  await writeFile(temporary, `${JSON.stringify(state, null, 2)}\n`);
  await rename(temporary, stateFile(dataDir));
}

export async function removeStackState(dataDir: string): Promise<void> {
  await rm(stateFile(dataDir), { force: true });
}

function stateFile(dataDir: string): string {
  return join(dataDir, 'stack.json');
}
