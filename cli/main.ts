import { Command, CommanderError } from 'commander';
import { parseConfig } from '../contracts/config.ts';
import { LecternError, toLecternError } from '../contracts/errors.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEditsCommand } from './commands/edits.ts';
import { addEncryptionCommand } from './commands/encryption.ts';
import { addEvalCommand } from './commands/eval.ts';
import { addIngestCommand } from './commands/ingest.ts';
import { addJobsCommand } from './commands/jobs.ts';
import { addKeysCommand } from './commands/keys.ts';
import { addLecturesCommand } from './commands/lectures.ts';
import { addModelsCommand } from './commands/models.ts';
import { addAskCommand, addSearchCommand } from './commands/query.ts';
import { addReindexCommand } from './commands/reindex.ts';
import { addSchedulesCommand } from './commands/schedules.ts';
import { addSettingsCommand } from './commands/settings.ts';
import { addSpeakersCommand } from './commands/speakers.ts';
import { addTenantsCommand } from './commands/tenants.ts';
import { addTranscriptCommand } from './commands/transcript.ts';
import { addUpCommand } from './commands/up.ts';
import { addVoiceprintsCommand } from './commands/voiceprints.ts';
import type { CliContext, RunAction } from './context.ts';
import { EXIT, EXIT_CODES_HELP, exitCodeOf } from './exit-code.ts';
import { connectToApi } from './find-api.ts';
import { createOutput } from './output.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second one ends the process at once, as without a handler.
  process.once(signal, () => interrupt.abort(new LecternError('unavailable', `stopped by ${signal}`)));
}

// A reader that has seen enough (`lectern jobs | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
});

const run: RunAction = async (command, action) => {
  const json = command.optsWithGlobals<{ json?: boolean }>().json === true;
  const color = (process.env['NO_COLOR'] ?? '') === '';
  const output = createOutput(process.stdout, process.stderr, { json, color });
  try {
    const config = parseConfig(process.env);
    const context: CliContext = {
      config,
      output,
      searchPath: process.env['PATH'],
      signal: interrupt.signal,
      connect: () => connectToApi(config, interrupt.signal),
    };
    process.exitCode = await action(context);
  } catch (error) {
    if (error instanceof CommanderError) throw error;
    if (interrupt.signal.aborted) {
      output.note('stopped');
      process.exitCode = EXIT.interrupted;
      return;
    }
    const ours = toLecternError(error);
    output.error(ours);
    if (ours.kind === 'internal' && ours.cause instanceof Error) output.note(ours.cause.stack ?? '');
    output.document({ error: { kind: ours.kind, message: ours.message, ...(ours.cure === undefined ? {} : { cure: ours.cure }) } });
    process.exitCode = exitCodeOf(ours.kind);
  }
};

// Before the commands, which inherit it: wrong usage throws instead of leaving with 1.
const program = new Command('lectern')
  .description('Makes recorded lectures searchable, answerable and citable to the second.')
  .option('--json', 'print one JSON document on stdout')
  .exitOverride()
  .addHelpText('after', EXIT_CODES_HELP);
addUpCommand(program, run);
addDemoCommand(program, run);
addIngestCommand(program, run);
addJobsCommand(program, run);
addLecturesCommand(program, run);
addTranscriptCommand(program, run);
addEditsCommand(program, run);
addSpeakersCommand(program, run);
addVoiceprintsCommand(program, run);
addSearchCommand(program, run);
addAskCommand(program, run);
addEvalCommand(program, run);
addModelsCommand(program, run);
addKeysCommand(program, run);
addTenantsCommand(program, run);
addEncryptionCommand(program, run);
addSettingsCommand(program, run);
addSchedulesCommand(program, run);
addReindexCommand(program, run);
addDoctorCommand(program, run);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has said what is wrong; help and version are no mistakes.
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
