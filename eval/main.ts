/**
 * `npm run -s eval -- speech FOLDER`, `retrieval --dataset NAME PATH`, `ingest`, ...: what Lectern achieves here.
 * Progress goes to stderr; stdout gets one JSON document, last.
 */
import { Command } from 'commander';
import { addEncryptionCommand } from './commands/encryption-command.ts';
import { addModelCommands } from './commands/model-commands.ts';
import { addOrchestrationCommand } from './commands/orchestration-command.ts';
import { addRetrievalCommands } from './commands/retrieval-commands.ts';
import { note, report } from './commands/report.ts';
import { addSpeechCommands } from './commands/speech-commands.ts';
import { describeMeasurement, measureIngest } from './ingest/measure-ingest.ts';

const program = new Command('eval').description('Measures Lectern on recordings.');
addSpeechCommands(program);
addModelCommands(program);
addRetrievalCommands(program);
addOrchestrationCommand(program);
addEncryptionCommand(program);
program
  .command('ingest')
  .description('time and memory of an ingest by the embedded stack, once warm')
  .option('--minutes <count>', 'minutes of speech', '10')
  .action(({ minutes }: { minutes: string }) =>
    report(async () => {
      const measured = await measureIngest(Number(minutes), process.env, note);
      note(describeMeasurement(measured));
      return measured;
    }),
  );
await program.parseAsync();
