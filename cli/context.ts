import type { Command } from 'commander';
import type { Config } from '../contracts/config.ts';
import type { ApiClient } from './api-client.ts';
import type { ExitCode } from './exit-code.ts';
import type { Output } from './output.ts';

/** What a command works with. */
export interface CliContext {
  config: Config;
  output: Output;
  /** `PATH` of the process. */
  searchPath: string | undefined;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Finds the API. Errors: `unavailable`, `unauthorized` when there is no key. */
  connect: () => Promise<ApiClient>;
}

/** Runs the action of a command: gives it its context, its exit code to the process, and tells its error. */
export type RunAction = (command: Command, action: (context: CliContext) => Promise<ExitCode>) => Promise<void>;
