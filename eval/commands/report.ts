import { LecternError, toLecternError } from '../../contracts/errors.ts';

/** Progress: stdout is for the one JSON document. */
export const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** Prints what was measured, or why it was not. */
export async function report(work: () => Promise<unknown>): Promise<void> {
  try {
    process.stdout.write(`${JSON.stringify(await work(), null, 2)}\n`);
  } catch (error) {
    const { kind, message, cure, cause } = toLecternError(error);
    note(`${kind}: ${message}${cure === undefined ? '' : ` ${cure}`}`);
    if (kind === 'internal' && cause instanceof Error) note(cause.stack ?? '');
    process.exitCode = 1;
  }
}

/** A whole number above 0. Throws `invalid-input` with the option's name. */
export function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new LecternError('invalid-input', `${option} ${text} is not a whole number above 0`);
  return count;
}

/** As it was given, for reports that say how to repeat them. */
export const givenCommand = (): string => `npm run eval -- ${process.argv.slice(2).join(' ')}`;
