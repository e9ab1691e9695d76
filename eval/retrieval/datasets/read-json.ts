import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LecternError } from '../../../contracts/errors.ts';

/** Reads and checks one JSON file of a data set. Errors: `not-found`, `invalid-input` with what is wrong. */
export async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LecternError('not-found', `${path} cannot be read`, { cause, cure: 'Name a file of the data set.' });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LecternError('invalid-input', `${path} is not JSON`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new LecternError('invalid-input', `${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
