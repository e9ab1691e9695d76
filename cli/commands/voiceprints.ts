import type { Command } from 'commander';
import type { RunAction } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { formatTable, formatTime } from '../output.ts';

/** Voices with names to them, for tenants that have turned voiceprints on (`lectern settings`). */
export function addVoiceprintsCommand(program: Command, run: RunAction): void {
  const voiceprints = program
    .command('voiceprints')
    .description('voices that names were put to: they suggest who speaks in other lectures; off until `lectern settings --voiceprints on`');
  voiceprints
    .command('enrol')
    .description('put a name to the voice of a speaker who speaks alone for 5 s or more in a lecture')
    .argument('<lecture-id>')
    .argument('<speaker>', 'as `lectern speakers` labels them: S1, S2, ...')
    .requiredOption('--name <text>', 'whose voice it is; a name that is there gets one more sample')
    .action((lectureId: string, speaker: string, { name }: { name: string }, command: Command) =>
      run(command, async ({ connect, output }) => {
        const enrolled = await (await connect()).enrolVoice({ lectureId, speaker, name });
        output.document(enrolled);
        output.line(`${enrolled.voiceprintId}  ${enrolled.name}, ${enrolled.samples.length} of at most 20 samples`);
        return EXIT.ok;
      }),
    );
  voiceprints
    .command('list')
    .description('people by name, with the lectures that their samples come from')
    .action((_: unknown, command: Command) =>
      run(command, async ({ connect, output }) => {
        const found = await (await connect()).listVoiceprints();
        output.document(found);
        const rows = found.voiceprints.map(({ voiceprintId, name, createdAt, samples }) => [
          voiceprintId,
          name,
          createdAt,
          formatTime(samples.reduce((sum, { cleanSeconds }) => sum + cleanSeconds, 0)),
          [...new Set(samples.map(({ lectureId }) => lectureId))].join(' '),
        ]);
        output.line(rows.length === 0 ? 'no voiceprints yet' : formatTable(['VOICEPRINT', 'NAME', 'CREATED', 'SPEECH', 'FROM'], rows));
        return EXIT.ok;
      }),
    );
  voiceprints
    .command('delete')
    .description('delete a voiceprint with its samples')
    .argument('<voiceprint-id>')
    .action((voiceprintId: string, _: unknown, command: Command) =>
      run(command, async ({ connect, output }) => {
        await (await connect()).deleteVoiceprint(voiceprintId);
        output.document({ voiceprintId, deleted: true });
        output.line(`${voiceprintId}: deleted`);
        return EXIT.ok;
      }),
    );
}
