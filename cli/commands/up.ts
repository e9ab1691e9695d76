import type { Command } from 'commander';
import { LecternError } from '../../contracts/errors.ts';
import type { CliContext, RunAction } from '../context.ts';
import { startStack } from '../embedded/stack.ts';
import { fetchDefaults } from './models.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

export function addUpCommand(program: Command, run: RunAction): void {
  program
    .command('up')
    .description('start the whole stack on this machine and keep it running')
    .action((_: unknown, command: Command) => run(command, up));
}

async function up(context: CliContext): Promise<ExitCode> {
  const { config, output, signal } = context;
  await fetchDefaults(context);
  const stack = await startStack(config, (line) => output.note(line));
  try {
    const { apiUrl, temporalUiUrl, apiKey } = stack;
    output.document({ apiUrl, temporalUiUrl, apiKey });
    output.line(`Page         ${apiUrl}  (sign in with the API key)`);
    output.line(`API          ${apiUrl}  (described at ${apiUrl}/openapi.json)`);
    if (temporalUiUrl !== null) output.line(`Temporal UI  ${temporalUiUrl}`);
    output.line(`API key      ${apiKey}`);
    output.note('Lectern is up. `npm run -s lectern -- ingest FILE --wait` in another terminal; Ctrl-C stops it.');
    const died = await Promise.race([stack.exited, untilAborted(signal)]);
    if (died === undefined) return EXIT.ok;
    throw new LecternError('unavailable', `${died.process} ended with exit code ${died.code}: ${died.reason}`, {
      cure: `The whole log is in ${config.LECTERN_DATA}/logs.`,
    });
  } finally {
    output.note('stopping ...');
    await stack.stop();
    output.note('stopped');
  }
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
