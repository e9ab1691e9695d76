import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';

/** A line of `manifest.jsonl`: a recording and what is known about it. */
const ManifestRowSchema = z.object({
  file: z.string(),
  kind: z.enum(['speech', 'nonspeech', 'malformed']),
  /** Length, to tell how long the rest takes. */
  seconds: z.number().optional(),
  language: z.string().optional(),
  /** What is said; absent or empty where nobody wrote it down. */
  text: z.string().optional(),
  referenceQuality: z.string().optional(),
  /** Who spoke when; a `.uem` beside it bounds what is scored. */
  rttm: z.string().optional(),
  /** Who said which word when, as `demo/truth.json` has it. */
  wordTimes: z.string().optional(),
});

export interface Recording extends z.infer<typeof ManifestRowSchema> {
  path: string;
  /** Folder of the file within the data set, the unit of `werByFolder`. */
  folder: string;
}

/** Reads the recordings of a data set. Errors: `not-found`, `invalid-input` with the line that is wrong. */
export async function readManifest(root: string): Promise<Recording[]> {
  const path = join(root, 'manifest.jsonl');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LecternError('not-found', `${path} cannot be read`, { cause, cure: 'Name a folder with a manifest.jsonl.' });
  });
  return text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => {
      const row = parseRow(line, `${path}:${number}`);
      return { ...row, path: join(root, row.file), folder: dirname(row.file) };
    });
}

function parseRow(line: string, where: string): z.infer<typeof ManifestRowSchema> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new LecternError('invalid-input', `${where} is not JSON`, { cause });
  }
  const parsed = ManifestRowSchema.safeParse(value);
  if (!parsed.success) throw new LecternError('invalid-input', `${where}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
