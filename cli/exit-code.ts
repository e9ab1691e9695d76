import type { ErrorKind } from '../contracts/errors.ts';

/** What `lectern` exits with; `lectern --help` lists them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, unauthorized: 4, notFound: 5, refused: 6, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  0    done
  1    failed: at least one file, check or step did not succeed
  2    wrong usage of the command line
  3    the API, or a part it needs, cannot be reached
  4    the API key is missing, wrong, or not for that
  5    there is no such lecture, speaker, job, key, voiceprint or model
  6    the input was refused (invalid, unsupported, conflicting)
  130  interrupted

Data goes to stdout, all else to stderr. --json prints one JSON document on stdout.
The API is found by LECTERN_URL and LECTERN_API_KEY, else it is the stack that \`lectern up\` runs on this machine.`;

const EXIT_OF_KIND: Record<ErrorKind, ExitCode> = {
  'invalid-input': EXIT.refused,
  'unsupported-media': EXIT.refused,
  conflict: EXIT.refused,
  'not-found': EXIT.notFound,
  'model-missing': EXIT.notFound,
  unauthorized: EXIT.unauthorized,
  forbidden: EXIT.unauthorized,
  unavailable: EXIT.unreachable,
  'rate-limited': EXIT.unreachable,
  'out-of-resources': EXIT.failed,
  internal: EXIT.failed,
};

export function exitCodeOf(kind: ErrorKind): ExitCode {
  return EXIT_OF_KIND[kind];
}
