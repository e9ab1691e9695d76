import { Option, type Command } from 'commander';
import { TRANSCRIPT_FORMATS, type TranscriptFormat } from '../../contracts/api.ts';
import type { RunAction } from '../context.ts';
import { EXIT } from '../exit-code.ts';

export function addTranscriptCommand(program: Command, run: RunAction): void {
  program
    .command('transcript')
    .description('print the transcript of a lecture; as tsv every word with how it came by its speaker')
    .argument('<lecture-id>')
    .addOption(new Option('--format <format>', 'form of the transcript').choices(TRANSCRIPT_FORMATS).default('md'))
    .action((lectureId: string, flags: { format: TranscriptFormat }, command: Command) =>
      run(command, async ({ connect, output }) => {
        const api = await connect();
        if (output.json) output.document(JSON.parse(await api.getTranscript(lectureId, 'json')));
        else output.line((await api.getTranscript(lectureId, flags.format)).trimEnd());
        return EXIT.ok;
      }),
    );
}
